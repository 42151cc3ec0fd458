// The wasm module, made once for each isolate, and made anew after a panic.

import wasm from '../../build/core_bg.wasm'
import {
  __wbg_reset_state,
  body_bytes_max,
  dead_letters,
  consume,
  door_facts,
  door_admit,
  door_received,
  door_refusal,
  handle,
  initSync,
  is_poisoned,
  tick,
} from '../../build/core.js'

initSync({ module: wasm })

const core = {
  body_bytes_max,
  dead_letters,
  consume,
  door_facts,
  door_admit,
  door_received,
  door_refusal,
  handle,
  tick,
}

/**
 * The functions that src/glue exports, on an instance that has not panicked. wasm-bindgen's own way to begin anew
 * does so after it has laid a call's arguments into the old memory, so that the call reads garbage.
 */
export function ready() {
  if (is_poisoned()) __wbg_reset_state()
  return core
}
