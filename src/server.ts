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
  const { applications, models, library } = await prepare(reading)
  const engine = createVoskEngine({
    library,
    models: new Map([...models].map(([language, { path }]) => [language, path])),
    workerCount: config.workers,
    queueLength: config.queueLength,
    timeoutMs: config.recognitionTimeoutMs
  })
  const decoder = createAudioDecoder({ childCount: Math.min(2, config.workers), queueLength: config.queueLength })
  const app = await buildApp(config, {
    ports: systemPorts,
    applications,
    decoder,
    recognizer: engine,
    version: VERSION,
    languages: () => statusOf(engine, models)
  }, { level: config.logLevel, ...logStream && { stream: logStream } })

  const close = async () => {
    const cutOff = setTimeout(() => { app.server.closeAllConnections() }, config.shutdownTimeoutMs)
    await app.close()
    clearTimeout(cutOff)
    await Promise.all([engine.close(), decoder.close()])
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
  app.log.info(`csr-emulator ${VERSION} listens on ${url}; ${describeLanguages(models)}; ` +
    `applications: ${applications.isConfigured ? config.seed : 'any non-empty pair of keys'}; ` +
    `control API: ${url}/_emulator/`)
  app.log.debug({ config }, 'settings')
  const loaded = engine.loaded.then(() => {
    for (const { lang, state, detail } of statusOf(engine, models)) {
      if (state === 'failed') app.log.error(`${lang}: the model cannot be used, calls answer STT998: ${detail}`)
    }
  })
  return { url, loaded, close }
}

async function prepare ({ config, problems: settingProblems }: ConfigReading) {
  const seed = config.seed === '' ? { seed: {} } : await loadSeed(config.seed)
  const models = findModels(config)
  const library = findLibrary(
    config.libvosk,
    fileURLToPath(new URL('dist/native/', packageFolder)),
    `${process.platform}-${process.arch}`
  )
  const problems = [
    ...settingProblems,
    ...'problems' in seed ? seed.problems.map((problem) => `${variableOf('seed')}: ${problem}`) : [],
    ...[...models].map(([language, { path }]) => [variableOf(MODEL_SETTINGS[language]), problemOfModel(path)] as const)
      .filter(([, problem]) => problem !== undefined)
      .map(([variable, problem]) => `${variable}: ${problem}`),
    // Without a library of the package for this platform everything but recognition still works.
    ...'problem' in library && config.libvosk !== '' ? [library.problem] : []
  ]
  if (problems.length > 0) throw new ConfigError(problems)
  const applications = createApplications('seed' in seed ? seed.seed.applications ?? [] : [])
  return { applications, models, library }
}

function findModels (config: Config): Map<Language, Model> {
  return new Map(LANGUAGES.flatMap((language): [Language, Model][] => {
    const starterPath = fileURLToPath(new URL(`models/starter/${language}`, packageFolder))
    const model = findModel(config[MODEL_SETTINGS[language]], starterPath)
    return model === undefined ? [] : [[language, model]]
  }))
}

function statusOf (engine: VoskEngine, models: ReadonlyMap<Language, Model>): LanguageStatus[] {
  return Object.entries(WIRE_LANGUAGES).map(([lang, { language }]) => {
    const state = engine.stateOf(language)
    const detail = 'problem' in state ? state.problem : `${models.get(language)?.origin} model ${state.path}`
    return { lang, state: state.state, detail }
  })
}

function describeLanguages (models: ReadonlyMap<Language, Model>): string {
  return Object.entries(WIRE_LANGUAGES).map(([lang, { language }]) => {
    const model = models.get(language)
    return `${lang}: ${model === undefined ? `no model (set CSR_MODEL_${language.toUpperCase()})` : `${model.origin} model ${model.path}`}`
  }).join(', ')
}
