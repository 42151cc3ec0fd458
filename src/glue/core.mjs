// The wasm module, made once for each isolate, and made anew after a panic.

import wasm from '../../build/core_bg.wasm'
import * as core from '../../build/core.js'

core.initSync({ module: wasm })

/**
 * The functions that src/glue exports, on an instance that has not panicked. wasm-bindgen's own way to begin anew
 * does so after it has laid a call's arguments into the old memory, so that the call reads garbage.
 */
export function ready() {
  if (core.poisoned()) core.__wbg_reset_state()
  return core
}
