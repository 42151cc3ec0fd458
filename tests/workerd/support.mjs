// What the tests in workerd share. `cargo xtask test workerd` builds the Worker and names it here.

import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const WORKER_DIR = process.env.QUITTANCE_WORKER ?? `${ROOT}target/quittance/worker`
