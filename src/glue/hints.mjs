// Hints to the queue: ids of rows that have work due, gathered for a moment and sent together. A push costs as much as
// the insert it follows, and its delivery waits a second for a batch to fill anyhow (wrangler.toml).

/** How long an id waits for others, in milliseconds. */
export const WAIT = 50
/** Ids in one `sendBatch`: Cloudflare's most. */
export const MOST = 100
/** After so long a gatherer is taken for dead, cut off with its request, and another takes over what it held. */
const DEAD = 1000

export class Hints {
  #send
  #ids = []
  #since = -Infinity

  /** @param {(ids: string[]) => Promise<unknown>} send must not reject; what it fails to send the sweep finds */
  constructor(send) {
    this.#send = send
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<unknown> | undefined} what this request's `waitUntil` has to keep; nothing when another's does
   */
  add(ids) {
    this.#ids.push(...ids)
    if (this.#ids.length >= MOST) return this.#flush()
    const now = Date.now()
    if (now - this.#since < DEAD) return undefined
    this.#since = now
    return new Promise((resolve) => setTimeout(resolve, WAIT)).then(() => {
      this.#since = -Infinity
      return this.#flush()
    })
  }

  /** Sends what there is, at most a hundred at a time. */
  async #flush() {
    while (this.#ids.length > 0) await this.#send(this.#ids.splice(0, MOST))
  }
}
