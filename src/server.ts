/** From settings to a server that listens: everything that the process has one of. */
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { LanguageStatus } from './admin/index.ts'
import { buildApp, type LogOptions } from './app.ts'
import { createAudioDecoder } from './audio/decode.ts'
import { ConfigError, variableOf, type Config, type ConfigReading } from './config.ts'
import { WIRE_LANGUAGES } from './csr/languages.ts'
import { createApplications } from './emulation/applications.ts'
import { loadSeed } from './emulation/seed.ts'
import { findLibrary } from './engine/vosk/library-path.ts'
import { createVoskEngine, type VoskEngine } from './engine/vosk/vosk-engine.ts'
import { findModel, problemOfModel, type Model } from './model-store/models.ts'
import { systemPorts } from './ports.ts'
import { LANGUAGES, type Language } from './speech/recognizer.ts'
import { loadLockfile, openLockfile, type TranscriptLockfile } from './speech/transcript-lockfile.ts'

export interface RunningServer {
  /** `http://host:port` without a slash at the end. */
  url: string
  /** Settles when every model has been loaded and tried, or has failed. */
  loaded: Promise<void>
  /** Stops listening, lets calls under way finish within `shutdownTimeoutMs`, and frees everything. */
  close (): Promise<void>
}

const packageFolder = new URL('..', import.meta.url)

/** Version of this package. */
export const VERSION = (JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8')) as {
  version: string
}).version

/** The setting that names the model of a language. */
const MODEL_SETTINGS = { kor: 'modelKor', eng: 'modelEng', jpn: 'modelJpn', chn: 'modelChn' } as const

/**
 * Starts the emulator.
 *
 * @throws ConfigError with everything that is wrong with settings, seed, models and library, at once
 * @throws the error of `listen` when the address can't be had
 */
export async function startServer (reading: ConfigReading, logStream?: LogOptions['stream']): Promise<RunningServer> {
  const { config } = reading
  const { applications, models, library, transcripts } = await prepare(reading)
  const engine = createVoskEngine({
    library,
    models: new Map([...models].map(([language, { path }]) => [language, path])),
    workerCount: config.workers,
    queueLength: config.queueLength,
    timeoutMs: config.recognitionTimeoutMs
  })
  const decoder = createAudioDecoder({
    childCount: Math.min(2, config.workers),
    queueLength: config.queueLength,
    acceptsM4aWebm: config.acceptM4aWebm === 'true'
  })
  const lockfile = transcripts && openLockfile({
    path: config.transcripts,
    mode: config.transcriptsMode,
    loaded: transcripts,
    onProblem: (message) => { app.log.error(message) }
  })
  const app = await buildApp(config, {
    ports: systemPorts,
    applications,
    decoder,
    recognizer: engine,
    lockfile,
    version: VERSION,
    languages: () => statusOf(engine, models, lockfile)
  }, { level: config.logLevel, ...logStream && { stream: logStream } })

  const close = async () => {
    const cutOff = setTimeout(() => { app.server.closeAllConnections() }, config.shutdownTimeoutMs)
    await app.close()
    clearTimeout(cutOff)
    await Promise.all([engine.close(), decoder.close(), lockfile?.close()])
  }

  try {
    // Fastify would log a line for each address that it listens on; ours says all there is to say at once.
    app.log.level = 'silent'
    await app.listen({ host: config.host, port: config.port })
  } catch (error) {
    await close()
    throw error
  } finally {
    app.log.level = config.logLevel
  }
  const { address, port, family } = app.server.address() as AddressInfo
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  app.log.info([
    `csr-emulator ${VERSION} listens on ${url}`,
    ...describeTexts(models, lockfile, config.transcripts),
    `applications: ${applications.isConfigured ? config.seed : 'any non-empty pair of keys'}`,
    `control API: ${url}/_emulator/`
  ].join('; '))
  app.log.debug({ config }, 'settings')
  // While the models load, so that no call waits for it. What goes wrong is told to the call that needs it.
  if (lockfile !== undefined) for (const language of models.keys()) engine.identityOf(language).catch(() => {})
  const loaded = engine.loaded.then(() => {
    for (const { lang, state, detail } of statusOf(engine, models, lockfile)) {
      if (state === 'failed') app.log.error(`${lang}: the model cannot be used, calls answer STT998: ${detail}`)
    }
  })
  return { url, loaded, close }
}

async function prepare ({ config, problems: settingProblems }: ConfigReading) {
  const seed = config.seed === '' ? { seed: {} } : await loadSeed(config.seed)
  const transcripts = config.transcripts === ''
    ? { loaded: undefined }
    : await loadLockfile(config.transcripts, config.transcriptsMode)
  const { models, library, problems: engineProblems } = findEngine(config)
  const problems = [
    ...settingProblems,
    ...'problems' in seed ? seed.problems.map((problem) => `${variableOf('seed')}: ${problem}`) : [],
    ...engineProblems,
    ...'problems' in transcripts ? transcripts.problems.map((problem) => `${variableOf('transcripts')}: ${problem}`) : []
  ]
  if (problems.length > 0) throw new ConfigError(problems)
  const applications = createApplications('seed' in seed ? seed.seed.applications ?? [] : [])
  return { applications, models, library, transcripts: 'loaded' in transcripts ? transcripts.loaded : undefined }
}

function findEngine (config: Config) {
  const library = findLibrary(
    config.libvosk,
    fileURLToPath(new URL('dist/native/', packageFolder)),
    `${process.platform}-${process.arch}`
  )
  // Nothing is recognised then, so there is nothing to load and nothing that could be wrong with it.
  if (config.transcriptsMode === 'strict') return { models: new Map<Language, Model>(), library, problems: [] }
  const models = findModels(config)
  const problems = [
    ...[...models].map(([language, { path }]) => [variableOf(MODEL_SETTINGS[language]), problemOfModel(path)] as const)
      .filter(([, problem]) => problem !== undefined)
      .map(([variable, problem]) => `${variable}: ${problem}`),
    // Without a library of the package for this platform everything but recognition still works.
    ...'problem' in library && config.libvosk !== '' ? [library.problem] : []
  ]
  return { models, library, problems }
}

function findModels (config: Config): Map<Language, Model> {
  return new Map(LANGUAGES.flatMap((language): [Language, Model][] => {
    const starterPath = fileURLToPath(new URL(`models/starter/${language}`, packageFolder))
    const model = findModel(config[MODEL_SETTINGS[language]], starterPath)
    return model === undefined ? [] : [[language, model]]
  }))
}

function statusOf (
  engine: VoskEngine, models: ReadonlyMap<Language, Model>, lockfile: TranscriptLockfile | undefined
): LanguageStatus[] {
  return Object.entries(WIRE_LANGUAGES).map(([lang, { language }]) => {
    if (lockfile?.mode === 'strict') {
      // Ready is a language whose calls can be answered: with a text in the file, without any model.
      const count = lockfile.countOf(language)
      return { lang, state: count > 0 ? 'ready' : 'absent', detail: `${count} transcripts in ${lockfile.name} (strict)` }
    }
    const state = engine.stateOf(language)
    const detail = 'problem' in state ? state.problem : `${models.get(language)?.origin} model ${state.path}`
    return { lang, state: state.state, detail }
  })
}

/** Where texts come from, for the line of the start. */
function describeTexts (
  models: ReadonlyMap<Language, Model>, lockfile: TranscriptLockfile | undefined, path: string
): string[] {
  if (lockfile === undefined) return [describeLanguages(models)]
  const count = LANGUAGES.map(lockfile.countOf).reduce((sum, each) => sum + each, 0)
  const transcripts = `transcripts: ${count} in ${path} (${lockfile.mode})`
  return lockfile.mode === 'strict' ? ['no model is used', transcripts] : [describeLanguages(models), transcripts]
}

function describeLanguages (models: ReadonlyMap<Language, Model>): string {
  return Object.entries(WIRE_LANGUAGES).map(([lang, { language }]) => {
    const model = models.get(language)
    return `${lang}: ${model === undefined ? `no model (set CSR_MODEL_${language.toUpperCase()})` : `${model.origin} model ${model.path}`}`
  }).join(', ')
}
