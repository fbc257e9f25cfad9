import t from 'tap'
import { buildTestApp } from '../helpers/build-app.ts'
import { call } from '../helpers/calls.ts'
import { printable } from '../../src/http/printable.ts'

t.test('what a terminal would obey is replaced, the rest stays', async (t) => {
  const cases: [text: string, expected: string][] = [
    ['lang is "한국어"', 'lang is "한국어"'],
    ['a\nb\r\tc', 'a\ufffdb\ufffd\ufffdc'],
    ['\u001b[31mred\u009b0m', '\ufffd[31mred\ufffd0m'],
    ['a\u202eb\u2028c\u0000', 'a\ufffdb\ufffdc\ufffd']
  ]
  for (const [text, expected] of cases) t.equal(printable(text), expected, encodeURIComponent(text))
})

t.test('no client can write lines into the log', async (t) => {
  const { app, lines } = await buildTestApp(t)
  await app.inject(call({ url: '/recog/v1/stt?lang=%0a%1b%5b31mfake', payload: 'x' }))
  t.match(lines[0]?.['hint'], 'lang is "\ufffd\ufffd[31mfake"')
  t.equal(lines[0]?.['msg'], printable(String(lines[0]?.['msg'])))
})
