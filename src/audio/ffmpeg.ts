/**
 * FFmpeg as WebAssembly, for processes that do nothing else: loading it puts names into the global scope, and running
 * it blocks the thread.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { CreateCore, FfmpegCore } from '@ffmpeg/core'

/** Compiles FFmpeg, once; the function that it gives makes an instance of it. */
export async function compileFfmpeg (): Promise<() => Promise<FfmpegCore>> {
  // The build is for browsers and looks for these two while it loads. Upstream has no support for Node.
  Object.assign(globalThis, { self: globalThis, location: { href: 'file:///' } })
  // Not `import`: the ES module of the package is not marked as one, and the loaders that run TypeScript trip over it.
  const require = createRequire(import.meta.url)
  const createCore = require('@ffmpeg/core') as CreateCore
  const wasmPath = require.resolve('@ffmpeg/core/wasm')
  const module = await WebAssembly.compile(await readFile(wasmPath))
  return () => createCore({
    instantiateWasm (imports, done) {
      const instance = new WebAssembly.Instance(module, imports)
      done(instance, module)
      return instance.exports
    }
  })
}
