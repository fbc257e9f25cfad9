/** The table of scripts/folder-rules.js, applied to every import of src; and no cycles. */
import t from 'tap'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FOLDER_RULES } from '../../scripts/folder-rules.js'

const source = fileURLToPath(new URL('../../src/', import.meta.url))

interface SourceFile {
  /** Relative to src. */
  path: string
  text: string
  /** Relative to src. */
  imports: string[]
  packages: string[]
}

const files: SourceFile[] = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .map((path) => {
    const text = readFileSync(join(source, path), 'utf8')
    const specifiers = [...text.matchAll(/\b(?:from |import |import\()'([^']+)'/g)].map((match) => match[1]!)
    return {
      path,
      text,
      imports: specifiers.filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => relative(source, resolve(source, dirname(path), specifier))),
      packages: specifiers.filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
        .map((specifier) => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/'))
    }
  })

/** `gateway/rate.ts` → `gateway`, `config.ts` → `config`. */
const unitOf = (path: string) => path.split(/[/.]/, 1)[0]!

t.test('every folder of src has a rule, and every rule a folder', async (t) => {
  const folders = new Set(files.filter(({ path }) => path.includes('/')).map(({ path }) => unitOf(path)))
  t.strictSame([...folders].sort(), Object.keys(FOLDER_RULES).sort())
})

t.test('folders import only what their rule allows', async (t) => {
  for (const { path, imports, packages } of files) {
    const unit = unitOf(path)
    const rule = FOLDER_RULES[unit]
    if (rule === undefined) continue
    const strangers = imports.map(unitOf).filter((other) => other !== unit && !rule.allowed.includes(other))
    t.strictSame(strangers, [], `${path}: folders`)
    t.strictSame(packages.filter((name) => !rule.packages.includes(name)), [], `${path}: packages`)
  }
})

t.test('what is dangerous stands in one place', async (t) => {
  const users = (pattern: RegExp) => files.filter(({ text }) => pattern.test(text)).map(({ path }) => path).sort()
  t.strictSame(users(/from 'koffi'/), ['engine/vosk/libvosk.ts'])
  t.strictSame(users(/from 'node:child_process'/),
    ['audio/decoder-pool.ts', 'engine/vosk/model-probe.ts', 'kit/encoder.ts'])
  t.strictSame(users(/\bDate\.now\b/), ['ports.ts'])
  t.strictSame(users(/new Error\(/).filter((path) => /^(gateway|csr|audio|speech|emulation)\//.test(path)), [])
  t.strictSame(users(/httpStatus/).filter((path) => /^(gateway|audio|speech|engine|emulation)\//.test(path)), [],
    'a step names a row, never a status')
})

t.test('there are no cycles', async (t) => {
  const importsOf = new Map(files.map(({ path, imports }) => [path, imports]))
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (done.has(path)) return undefined
    for (const next of importsOf.get(path) ?? []) {
      const cycle = visit(next, [...trail, path])
      if (cycle !== undefined) return cycle
    }
    done.add(path)
    return undefined
  }
  for (const { path } of files) t.equal(visit(path, []), undefined, path)
})
