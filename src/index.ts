/** The package's own API: an emulator inside a test's process, and sound files to test with. */
import { readConfig, SETTINGS, variableOf, type Config, type SettingName } from './config.ts'
import { startServer } from './server.ts'

export { ConfigError } from './config.ts'
export { writeKit, type KitAnswer, type KitFile, type KitManifest, type KitOptions } from './kit/kit.ts'

/** Every setting of docs/config.md by its short name; `port` defaults to a free one here. */
export type EmulatorOptions = { -readonly [Name in SettingName]?: Config[Name] }

export interface Emulator {
  /** Where it listens, without a slash at the end. */
  url: string
  /** Finishes the calls under way and frees everything. */
  close (): Promise<void>
}

/**
 * Starts an emulator and waits until its models can be used.
 *
 * Nothing is read from the environment, and nothing is logged unless `logLevel` asks for it.
 *
 * @throws ConfigError with everything that is wrong with the options, at once
 */
export async function startEmulator (options: EmulatorOptions = {}): Promise<Emulator> {
  const values: EmulatorOptions = { port: 0, logLevel: 'silent', ...options }
  const variables = Object.fromEntries((Object.keys(SETTINGS) as SettingName[])
    .map((name) => [variableOf(name), values[name]?.toString()]))
  const { url, loaded, close } = await startServer(readConfig(variables))
  await loaded
  return { url, close }
}
