/**
 * Which folder of src may import which (docs/architecture.md): the one table that the linter and the architecture
 * test both apply. `allowed` names folders; `config` and `ports` are the files of that name. `packages` are npm
 * packages; Node's own modules are always allowed except those in `forbiddenModules`.
 *
 * Plain JavaScript because eslint.config.js reads it before anything is compiled.
 */
const FOLDERS = ['errors', 'audio', 'speech', 'model-store', 'engine', 'emulation', 'http', 'gateway', 'csr', 'admin', 'kit']

const TABLE = {
  errors: { allowed: [], packages: [] },
  audio: { allowed: ['errors', 'ports'], packages: ['wav-decoder', '@ffmpeg/core'] },
  speech: { allowed: ['audio', 'errors', 'ports'], packages: [] },
  'model-store': { allowed: ['errors', 'ports'], packages: [] },
  engine: { allowed: ['speech', 'audio', 'errors'], packages: ['koffi'] },
  emulation: { allowed: ['errors', 'ports', 'speech'], packages: ['ajv', 'yaml', 'json-schema-to-ts'] },
  http: { allowed: ['emulation', 'errors', 'ports'], packages: ['fastify'] },
  gateway: {
    allowed: ['emulation', 'errors', 'http', 'config', 'csr'],
    packages: ['fastify', '@fastify/rate-limit']
  },
  csr: { allowed: ['audio', 'speech', 'emulation', 'errors', 'http', 'config'], packages: ['fastify'] },
  admin: { allowed: ['emulation', 'errors', 'http'], packages: ['fastify'] },
  kit: { allowed: ['audio', 'errors', 'ports'], packages: ['@ffmpeg/core'] }
}

const ALL_PACKAGES = [...new Set(Object.values(TABLE).flatMap(({ packages }) => packages))]

/** @type {Record<string, { allowed: string[], packages: string[], forbidden: string[] }>} */
export const FOLDER_RULES = Object.fromEntries(Object.entries(TABLE).map(([folder, { allowed, packages }]) => [folder, {
  allowed,
  packages,
  forbidden: [
    ...FOLDERS.filter((other) => other !== folder && !allowed.includes(other)).map((other) => `**/${other}/**`),
    ...ALL_PACKAGES.filter((name) => !packages.includes(name))
  ]
}]))
