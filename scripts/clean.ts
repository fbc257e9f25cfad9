/** Empties the build's folder, so that nothing of a module that is gone is ever run or packed. */
import { rmSync } from 'node:fs'

rmSync(new URL('../dist/', import.meta.url), { recursive: true, force: true })
