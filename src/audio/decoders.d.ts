/** Types for the two decoders, which have none of their own: only what this folder calls. */

/** `wav-decoder` 1.3.0, `index.js`. It trusts every field of the header that it is given. */
declare module 'wav-decoder' {
  interface DecodedWav {
    /** One array per channel, all of the same length. */
    channelData: Float32Array[]
  }
  const wavDecoder: {
    decode: {
      /**
       * Blocks until all is decoded. A `Buffer` would be copied byte by byte: give an `ArrayBuffer`.
       *
       * @param options.symmetric 16 bits: divide by 32768 on both sides of zero, which makes the way back exact.
       *   Wrong for 8 bits: it takes 127.5 for silence.
       */
      sync (wav: ArrayBuffer, options: { symmetric: boolean }): DecodedWav
    }
  }
  export default wavDecoder
}

/** `@ffmpeg/core` 0.12.10: FFmpeg 5.1.4 as one WebAssembly file with Emscripten's in-memory file system. */
declare module '@ffmpeg/core' {
  export interface FfmpegCore {
    FS: {
      writeFile (path: string, bytes: Uint8Array): void
      /** Throws when there is no such file. */
      readFile (path: string): Uint8Array
    }
    setLogger (listener: (line: { type: string, message: string }) => void): void
    /** Runs FFmpeg's `main` and blocks until it is done; the exit code is 0 for many a damaged file. */
    exec (...parameters: string[]): number
  }
  export interface CoreOptions {
    instantiateWasm (
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void
    ): object
  }
  /** A fresh instance with memory of its own. Rejects or throws what Emscripten throws. */
  export type CreateCore = (options: CoreOptions) => Promise<FfmpegCore>
}

/** The few members that are used of a global which neither ES2023 nor Node's types for version 20 declare. */
declare namespace WebAssembly {
  type Imports = object
  // Opaque: it is only passed on.
  interface Module { readonly kind?: 'module' }
  const Instance: new (module: Module, imports: Imports) => Instance
  interface Instance { readonly exports: object }
  function compile (bytes: Uint8Array): Promise<Module>
  interface Memory {
    readonly buffer: ArrayBuffer
    /** In pages of 64 KiB; throws a RangeError when there is no room. */
    grow (pageCount: number): number
  }
  const Memory: { readonly prototype: Memory }
}
