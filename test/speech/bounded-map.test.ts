import t from 'tap'
import fc from 'fast-check'
import { BoundedMap } from '../../src/speech/bounded-map.ts'

/** Each entry takes as much as its value says. */
const createMap = (maxBytes: number) => new BoundedMap<number>(maxBytes, (_key, value) => value)

t.test('what was not asked for the longest time goes first', async (t) => {
  const map = createMap(30)
  map.set('a', 10)
  map.set('b', 10)
  map.set('c', 10)
  t.equal(map.get('a'), 10, 'a use')
  map.set('d', 10)
  t.strictSame(['a', 'b', 'c', 'd'].map((key) => map.get(key)), [10, undefined, 10, 10])
  t.equal(map.bytes, 30)
})

t.test('as many go as are needed', async (t) => {
  const map = createMap(30)
  for (const key of ['a', 'b', 'c']) map.set(key, 10)
  map.set('d', 15)
  t.strictSame(['a', 'b', 'c', 'd'].map((key) => map.get(key)), [undefined, undefined, 10, 15])
})

t.test('a value that replaces another is counted once', async (t) => {
  const map = createMap(30)
  map.set('a', 10)
  map.set('b', 10)
  map.set('a', 20)
  t.strictSame([map.get('a'), map.get('b'), map.bytes], [20, 10, 30])
})

t.test('what never has room is not kept and drops nothing but its former value', async (t) => {
  const map = createMap(30)
  map.set('a', 10)
  map.set('b', 10)
  map.set('a', 31)
  t.strictSame([map.get('a'), map.get('b'), map.bytes], [undefined, 10, 10])
  const none = createMap(0)
  none.set('a', 1)
  t.strictSame([none.get('a'), none.bytes], [undefined, 0])
})

t.test('whatever is done, it holds what was used last, within its limit', async (t) => {
  const step = fc.record({ key: fc.constantFrom(...'abcdef'), value: fc.option(fc.integer({ min: 1, max: 40 })) })
  fc.assert(fc.property(fc.integer({ min: 0, max: 100 }), fc.array(step), (maxBytes, steps) => {
    const map = createMap(maxBytes)
    /** The slow way: the last used at the end. */
    let model: [key: string, value: number][] = []
    for (const { key, value } of steps) {
      const known = model.find(([each]) => each === key)
      const others = model.filter(([each]) => each !== key)
      if (value === null) {
        if (map.get(key) !== known?.[1]) return false
        if (known) model = [...others, known]
        continue
      }
      map.set(key, value)
      model = value > maxBytes ? others : [...others, [key, value]]
      const sum = () => model.reduce((bytes, [, each]) => bytes + each, 0)
      while (sum() > maxBytes) model.shift()
      if (map.bytes !== sum()) return false
    }
    return model.every(([key, value]) => map.get(key) === value)
  }))
  t.pass()
})
