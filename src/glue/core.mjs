// The wasm module: made once for each isolate, and made anew after a panic, as its memory is not to be trusted then.

import wasm from '../../build/core_bg.wasm'
import * as bindings from '../../build/core.js'

bindings.initSync({ module: wasm })
// The `worker` crate's panic hook raises the flag in here.
const state = bindings.__worker_init_state()

/** The functions that `src/glue` exports, on an instance that has not panicked. */
export function ready() {
  if (state.criticalError) {
    state.criticalError = false
    bindings.__wbg_reset_state()
  }
  return bindings
}
