// The wasm module, made once for each isolate. After a panic its next call begins with a new instance by itself.

import wasm from '../../build/core_bg.wasm'
import { initSync } from '../../build/core.js'

initSync({ module: wasm })

export * from '../../build/core.js'
