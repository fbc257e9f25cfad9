/** An app of one's own for each test: no socket, no model, a clock that stands still until the test moves it. */
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { buildApp, type AppParts } from '../../src/app.ts'
import { createAudioDecoder, type AudioDecoder } from '../../src/audio/decode.ts'
import { readConfig, type Config } from '../../src/config.ts'
import { createApplications, type Applications, type ApplicationSeed } from '../../src/emulation/applications.ts'
import type { Recognizer } from '../../src/speech/recognizer.ts'
import type { TranscriptLockfile } from '../../src/speech/transcript-lockfile.ts'
import type { LanguageStatus } from '../../src/admin/index.ts'
import { ConfigError } from '../../src/config.ts'

export interface TestClock {
  nowMs (): number
  monotonicMs (): number
  /** Moves both clocks. */
  advance (ms: number): void
}

/** 2026-01-15 12:00 in Korea, in the middle of a day and a month. */
const NOON_KST_MS = Date.parse('2026-01-15T03:00:00Z')

export function createTestClock (startMs = NOON_KST_MS): TestClock {
  let now = startMs
  return { nowMs: () => now, monotonicMs: () => now - startMs, advance: (ms) => { now += ms } }
}

export const TRACE_ID = 'abcdefghijklmnopqrstuvwxyz'

export interface TestAppOptions {
  /** Variables as in the environment. */
  env?: Record<string, string>
  applications?: ApplicationSeed[]
  /** Instead of a store over `applications`. */
  applicationStore?: Applications
  /** Answers instead of an engine; by default every sound says "hello". */
  recognizer?: Partial<Recognizer>
  lockfile?: TranscriptLockfile
  decoder?: AudioDecoder
  languages?: LanguageStatus[]
}

export interface TestApp {
  app: FastifyInstance
  clock: TestClock
  config: Config
  /** Every log line so far, parsed. */
  lines: Record<string, unknown>[]
}

const sayHello: Recognizer = {
  recognize: async () => ['hello'],
  identityOf: async () => ({ engine: 'test', modelDigest: '0123456789abcdef' })
}

export async function buildTestApp (t: Test, options: TestAppOptions = {}): Promise<TestApp> {
  const { config, problems } = readConfig(options.env ?? {})
  if (problems.length > 0) throw new ConfigError(problems)
  const clock = createTestClock()
  const lines: Record<string, unknown>[] = []
  const parts: AppParts = {
    ports: { clock, ids: { traceId: () => TRACE_ID } },
    applications: options.applicationStore ?? createApplications(options.applications ?? []),
    decoder: options.decoder ?? createAudioDecoder({ childCount: 1, queueLength: 16 }),
    recognizer: { ...sayHello, ...options.recognizer },
    lockfile: options.lockfile,
    version: '0.0.0',
    languages: () => options.languages ?? []
  }
  const app = await buildApp(config, parts, {
    level: config.logLevel,
    stream: { write: (line) => { lines.push(JSON.parse(line) as Record<string, unknown>) } }
  })
  t.teardown(async () => {
    await app.close()
    await parts.decoder.close()
  })
  return { app, clock, config, lines }
}
