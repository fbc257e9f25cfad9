import t, { type Test } from 'tap'
import { execFileSync } from 'node:child_process'
import {
  chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, truncateSync,
  utimesSync, writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { parseTranscripts, renderTranscript, renderTranscripts, type TranscriptEntry } from '../../src/speech/transcript-lines.ts'
import { loadLockfile, openLockfile, type LockfileMode } from '../../src/speech/transcript-lockfile.ts'

const audioOf = (index: number) => index.toString(16).padStart(64, '0')
const entryOf = (index: number, changes: Partial<TranscriptEntry> = {}): TranscriptEntry => ({
  audio: audioOf(index), language: 'eng', text: `text ${index}`, engine: 'vosk-0.3.39', model: 'a'.repeat(16), durationMs: index, ...changes
})
const textOf = (...entries: TranscriptEntry[]) => entries.map(renderTranscript).join('')

/** A lockfile whose writes begin when the test says so. */
async function open (t: Test, path: string, mode: LockfileMode = 'update', bytes?: number) {
  const reading = await loadLockfile(path, mode)
  if ('problems' in reading) throw new Error(reading.problems.join())
  const problems: string[] = []
  const due: (() => void)[] = []
  const lockfile = openLockfile({
    path,
    mode,
    loaded: { ...reading.loaded, ...bytes !== undefined && { bytes } },
    onProblem: (message) => { problems.push(message) },
    schedule: (run) => { due.push(run) }
  })
  t.teardown(() => lockfile.close())
  return { lockfile, problems, due }
}

const read = (path: string) => readFileSync(path, 'utf8')
const isRoot = process.getuid?.() === 0

t.test('a file that is not there is an empty one, and is made with the first transcript', async (t) => {
  const folder = t.testdir({})
  const path = join(folder, 'transcripts.jsonl')
  const { lockfile, due } = await open(t, path)
  t.strictSame([lockfile.mode, lockfile.name, lockfile.countOf('eng')], ['update', 'transcripts.jsonl', 0])
  t.equal(lockfile.find(audioOf(1), 'eng'), undefined)
  await lockfile.close()
  t.strictSame(readdirSync(folder), [], 'nothing to write')
  lockfile.record(entryOf(1))
  t.strictSame(lockfile.find(audioOf(1), 'eng'), entryOf(1), 'found before it is written')
  t.equal(due.length, 1)
  await lockfile.close()
  t.equal(read(path), textOf(entryOf(1)))
  t.strictSame(readdirSync(folder), ['transcripts.jsonl'])
})

t.test('an entry is found by sound and language', async (t) => {
  const korean = entryOf(1, { language: 'kor', text: '하나' })
  const path = join(t.testdir({ file: textOf(entryOf(1), korean) }), 'file')
  for (const mode of ['update', 'strict'] as const) {
    const { lockfile } = await open(t, path, mode)
    t.strictSame(
      [lockfile.find(audioOf(1), 'eng'), lockfile.find(audioOf(1), 'kor'), lockfile.find(audioOf(1), 'jpn')],
      [entryOf(1), korean, undefined]
    )
    t.strictSame([lockfile.countOf('eng'), lockfile.countOf('kor'), lockfile.countOf('chn')], [1, 1, 0])
  }
})

t.test('what gathers is written at once, sorted, and not again without need', async (t) => {
  const path = join(t.testdir({ file: textOf(entryOf(5)) }), 'file')
  const { lockfile, due } = await open(t, path)
  for (const index of [9, 2, 7]) lockfile.record(entryOf(index))
  t.equal(due.length, 1, 'one write for all of them')
  t.equal(read(path), textOf(entryOf(5)), 'not yet')
  due[0]!()
  await lockfile.close()
  t.equal(read(path), textOf(entryOf(2), entryOf(5), entryOf(7), entryOf(9)))
  const { ino } = statSync(path)
  lockfile.record(entryOf(7))
  await lockfile.close()
  t.equal(statSync(path).ino, ino, 'the same again is no change')
  t.equal(due.length, 1)
  lockfile.record(entryOf(8))
  t.equal(due.length, 2)
})

t.test('one write at a time; what comes meanwhile is in the next', async (t) => {
  const path = join(t.testdir({}), 'file')
  const { lockfile, due } = await open(t, path)
  lockfile.record(entryOf(1))
  due[0]!()
  lockfile.record(entryOf(2))
  due[1]!()
  lockfile.record(entryOf(3))
  await lockfile.close()
  t.equal(read(path), textOf(entryOf(1), entryOf(2), entryOf(3)))
})

t.test('the text of another engine or model is replaced, that of the same one is not', async (t) => {
  const corrected = entryOf(2, { text: 'corrected by hand' })
  const path = join(t.testdir({ file: textOf(entryOf(1), corrected) }), 'file')
  const { lockfile } = await open(t, path)
  const newer = entryOf(1, { model: 'b'.repeat(16), text: 'another text' })
  lockfile.record(newer)
  lockfile.record(entryOf(2))
  await lockfile.close()
  t.equal(read(path), textOf(newer, corrected))
  t.strictSame(lockfile.find(audioOf(2), 'eng'), corrected)
})

t.test('what others have written meanwhile stays', async (t) => {
  const path = join(t.testdir({ file: textOf(entryOf(1), entryOf(4, { model: 'b'.repeat(16) })) }), 'file')
  const { lockfile } = await open(t, path)
  for (const index of [2, 3, 4]) lockfile.record(entryOf(index))
  const corrected = entryOf(3, { text: 'corrected by hand' })
  writeFileSync(path, textOf(corrected, entryOf(4, { model: 'b'.repeat(16) }), entryOf(5)))
  await lockfile.close()
  t.equal(read(path), textOf(entryOf(2), corrected, entryOf(4), entryOf(5)),
    'ours are added, theirs stay, the one that they have deleted stays deleted, the outdated one is replaced')
  t.strictSame(lockfile.find(audioOf(5), 'eng'), entryOf(5), 'and theirs are known now')
  t.strictSame(lockfile.find(audioOf(3), 'eng'), corrected)
  t.equal(lockfile.find(audioOf(1), 'eng'), undefined)
})

t.test('two processes at once lose nothing', async (t) => {
  const path = join(t.testdir({}), 'file')
  const [one, two] = [await open(t, path), await open(t, path)]
  for (let round = 0; round < 20; round++) {
    one.lockfile.record(entryOf(round * 2))
    two.lockfile.record(entryOf(round * 2 + 1))
    await Promise.all([one.lockfile.close(), two.lockfile.close()])
  }
  t.equal(parseTranscripts(read(path)).entries.size, 40)
  t.strictSame([...one.problems, ...two.problems], [])
})

t.test('a file that is being merged is left alone, and written when it is whole again', async (t) => {
  const folder = t.testdir({ file: textOf(entryOf(1)) })
  const path = join(folder, 'file')
  const { lockfile, problems } = await open(t, path)
  lockfile.record(entryOf(2))
  const conflict = `<<<<<<< HEAD\n${textOf(entryOf(1))}`
  writeFileSync(path, conflict)
  await lockfile.close()
  t.equal(read(path), conflict)
  t.strictSame(problems, [
    `${path}: line 1: a conflict that git has left (<<<<<<<): keep the right lines and delete this one; ` +
    'new transcripts that are not in it: 1'
  ])
  writeFileSync(path, textOf(entryOf(1)))
  await lockfile.close()
  t.equal(read(path), textOf(entryOf(1), entryOf(2)))
  t.strictSame(readdirSync(folder), ['file'])
})

t.test('a write that fails is one line, leaves nothing behind, and is tried again', async (t) => {
  const folder = join(t.testdir({ inner: {} }), 'inner')
  const path = join(folder, 'file')
  const { lockfile, problems, due } = await open(t, path)
  rmSync(folder, { recursive: true })
  lockfile.record(entryOf(1))
  due[0]!()
  await lockfile.close().catch(() => {})
  t.match(problems[0], `${path}: cannot be written (ENOENT); new transcripts that are not in it: 1`)
  mkdirSync(folder)
  lockfile.record(entryOf(2))
  await lockfile.close()
  t.equal(read(path), textOf(entryOf(1), entryOf(2)))

  // A folder with something in it has taken the place of the file: the new text is ready and cannot take it back.
  rmSync(path)
  mkdirSync(join(path, 'inner'), { recursive: true })
  lockfile.record(entryOf(3))
  await lockfile.close()
  t.match(problems.at(-1), `${path}: is a folder, not a file; new transcripts that are not in it: 1`)
  t.strictSame(readdirSync(folder), ['file'], 'no half file')
})

t.test('permissions stay, and a link stays a link', async (t) => {
  const folder = t.testdir({ real: { 'kept.jsonl': textOf(entryOf(1)) }, 'nowhere yet': t.fixture('symlink', 'real/new.jsonl') })
  const target = join(folder, 'real/kept.jsonl')
  chmodSync(target, 0o640)
  const link = join(folder, 'link')
  symlinkSync(join('real', 'kept.jsonl'), link)
  const linked = await open(t, link)
  linked.lockfile.record(entryOf(2))
  await linked.lockfile.close()
  t.ok(lstatSync(link).isSymbolicLink())
  t.equal(read(target), textOf(entryOf(1), entryOf(2)))
  if (process.platform !== 'win32') t.equal(statSync(target).mode & 0o777, 0o640)

  const dangling = await open(t, join(folder, 'nowhere yet'))
  dangling.lockfile.record(entryOf(3))
  await dangling.lockfile.close()
  t.equal(read(join(folder, 'real/new.jsonl')), textOf(entryOf(3)))
  t.strictSame(readdirSync(join(folder, 'real')).sort(), ['kept.jsonl', 'new.jsonl'])
})

t.test('a change that leaves size and time as they were is seen by the file\'s number', async (t) => {
  const folder = t.testdir({ file: textOf(entryOf(1)) })
  const path = join(folder, 'file')
  const { atime, mtime } = statSync(path)
  const { lockfile } = await open(t, path)
  const changed = textOf(entryOf(1, { text: 'text X' }))
  writeFileSync(join(folder, 'new'), changed)
  utimesSync(join(folder, 'new'), atime, mtime)
  renameSync(join(folder, 'new'), path)
  lockfile.record(entryOf(2))
  await lockfile.close()
  t.equal(read(path), changed + textOf(entryOf(2)))
})

t.test('a full file takes no more and says so', async (t) => {
  const path = join(t.testdir({ file: textOf(entryOf(1)) }), 'file')
  const { lockfile, problems } = await open(t, path, 'update', 67_108_864 - 500)
  lockfile.record(entryOf(2, { text: '가'.repeat(200) }))
  t.strictSame(problems, [`${path}: is full (67108864 bytes), new transcripts are not written`])
  t.equal(lockfile.find(audioOf(2), 'eng'), undefined)
  lockfile.record(entryOf(3))
  await lockfile.close()
  t.equal(read(path), textOf(entryOf(1), entryOf(3)))
})

t.test('says before the start what is wrong', async (t) => {
  const folder = t.testdir({
    folder: {},
    broken: `${textOf(entryOf(1))}hello\n{}\n`,
    latin1: Buffer.from('{"text":"\n"caf\xe9"}\n', 'latin1'),
    large: ''
  })
  truncateSync(join(folder, 'large'), 67_108_865)
  const names = 'audio, language, text, engine, model, durationMs'
  type Case = [file: string, modes: LockfileMode[], problems: string[]]
  const cases: Case[] = [
    ['missing', ['update'], []],
    ['missing', ['strict'], ['there is no such file: run once with CSR_TRANSCRIPTS_MODE=update']],
    ['folder', ['update', 'strict'], ['is a folder, not a file']],
    ['broken', ['update', 'strict'], ['line 2: is not JSON', `line 3: ${names} is missing`]],
    ['latin1', ['update', 'strict'], ['line 2: is not UTF-8']],
    ['large', ['update', 'strict'], ['has 67108865 bytes, at most 67108864 are read']],
    ['no folder/file', ['update'], [`there is no folder ${join(folder, 'no folder')}`]],
    ['broken/file', ['update', 'strict'], ['cannot be read (ENOTDIR)']]
  ]
  for (const [file, modes, problems] of cases) {
    const path = join(folder, file)
    for (const mode of modes) {
      const reading = await loadLockfile(path, mode)
      t.strictSame('problems' in reading ? reading.problems : [], problems.map((each) => `${path}: ${each}`), `${mode} ${file}`)
    }
  }
})

t.test('says before the start that a file cannot be read or written', { skip: isRoot && 'root may do everything' }, async (t) => {
  const folder = t.testdir({ unreadable: '', readonly: '', closed: { file: '' } })
  chmodSync(join(folder, 'unreadable'), 0o000)
  chmodSync(join(folder, 'readonly'), 0o444)
  chmodSync(join(folder, 'closed'), 0o555)
  t.teardown(() => { chmodSync(join(folder, 'closed'), 0o755) })
  const problemsOf = async (file: string, mode: LockfileMode) => {
    const reading = await loadLockfile(join(folder, file), mode)
    return 'problems' in reading ? reading.problems.map((each) => each.slice(folder.length + 1)) : []
  }
  t.strictSame(await problemsOf('unreadable', 'strict'), ['unreadable: cannot be read (EACCES)'])
  t.strictSame(await problemsOf('readonly', 'strict'), [])
  t.strictSame(await problemsOf('readonly', 'update'), ['readonly: cannot be written (EACCES)'])
  t.strictSame(await problemsOf('closed/file', 'update'), ['closed/file: cannot be written (EACCES)'])
  t.strictSame(await problemsOf('closed/new', 'update'), ['closed/new: cannot be written (EACCES)'])
})

t.test('git merges what two people have added', { skip: !hasGit() && 'there is no git' }, async (t) => {
  const folder = t.testdir({})
  const path = join(folder, 'transcripts.jsonl')
  const git = (...args: string[]) => execFileSync('git', [
    '-c', 'user.name=test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false', ...args
  ], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const commit = (text: string, branch: string) => {
    git('checkout', '-q', '-B', branch, 'base')
    writeFileSync(path, text)
    git('commit', '-q', '-a', '-m', branch)
  }
  git('init', '-q', '-b', 'base')
  writeFileSync(join(folder, '.gitattributes'), '*.jsonl merge=union\n')
  writeFileSync(path, renderTranscripts(new Map([entryOf(1), entryOf(9)].map((each) => [each.audio, each]))))
  git('add', '.')
  git('commit', '-q', '-m', 'base')
  commit(textOf(entryOf(1), entryOf(4), entryOf(5), entryOf(9)), 'one')
  commit(textOf(entryOf(1), entryOf(3), entryOf(5), entryOf(9)), 'two')
  git('merge', '-q', 'one')
  const { entries, problems } = parseTranscripts(read(path))
  t.strictSame(problems, [])
  t.strictSame([...entries.values()].map(({ durationMs }) => durationMs).sort(), [1, 3, 4, 5, 9])

  commit(textOf(entryOf(1, { text: 'one thing' }), entryOf(9)), 'three')
  commit(textOf(entryOf(1, { text: 'another thing' }), entryOf(9)), 'four')
  git('merge', '-q', 'three')
  t.match(parseTranscripts(read(path)).problems, [/^line 2: another text for the sound of line 1/])
})

function hasGit (): boolean {
  try {
    execFileSync('git', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
