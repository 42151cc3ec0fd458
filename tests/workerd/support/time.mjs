// Time that goes quickly, without crowding the queue: hours pass only while nothing happens by itself.

import { setTimeout } from 'node:timers/promises'

import { SWEEP } from './index.mjs'

/** Milliseconds without a change after which nothing is under way: a batch waits a second to fill (wrangler.toml). */
const QUIET = 1_500
const LOOK = 100
/** After so long without one, whatever the hours, nothing will come any more. */
const DEAD = 120_000
const MARK = `SELECT (SELECT json_group_array(json_array(state, n)) FROM (SELECT state, count(*) n FROM inbox GROUP BY state)) ||
  (SELECT count(*) FROM postings) mark, (SELECT failures > 0 FROM delivery) paused`

export class Time {
  #mark = ''
  #moved = Date.now()
  #since = 0

  constructor(machine) {
    this.machine = machine
  }

  /** Waits a moment. Where nothing has moved for long, or delivery pauses, hours pass and the minute's cron runs. */
  async goesOn() {
    await setTimeout(LOOK)
    const [{ mark, paused }] = await this.machine.sql([MARK])
    if (mark !== this.#mark) [this.#mark, this.#since, this.#moved] = [mark, Date.now(), Date.now()]
    if (Date.now() - this.#moved > DEAD) throw new Error(`it stands still: ${mark}`)
    if (!paused && Date.now() - this.#since < QUIET) return
    this.#since = Date.now()
    await this.machine.passTime()
    await this.machine.cron(SWEEP)
  }
}
