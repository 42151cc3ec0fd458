// Group commit: rows of requests that arrive together share one round trip to the database, and each request is
// answered only when its own row is durable.
//
// Between requests only JavaScript promises are shared: a promise may be awaited from any request, while a wasm
// future or a database call belongs to the request that started it.

/** Rows in one group: one `sendBatch` takes at most 100 messages. */
export const MAX_ROWS = 100
/** Bytes in one group. They travel as one bound JSON text, which D1 limits to 2,000,000 bytes; escaping may double them. */
export const MAX_GROUP_BYTES = 512 << 10
/** Bytes that wait for the database in this isolate. Beyond it the sender is asked to come again. */
export const MAX_WAITING_BYTES = 4 << 20
/** How long a request waits for another one's round trip before it makes its own, in milliseconds. */
export const FOLLOWER_WAIT = 2000

/**
 * @template Row
 * @typedef {object} Store
 * @property {(rows: Row[]) => Promise<unknown>} insert writes all rows or none, and rejects when it wrote none;
 *   a row that is there already is no error
 * @property {(rows: Row[]) => Promise<unknown>} push tells the queue; may fail, the rows are the truth
 */

export class GroupCommit {
  #store
  #requests = 0
  #waiting = 0
  #open = null

  /** @param {Store<any>} store */
  constructor(store) {
    this.#store = store
  }

  /** A request begins: while another one is here, rows are gathered. */
  enter() {
    this.#requests += 1
  }

  leave() {
    this.#requests -= 1
  }

  /**
   * Makes one row durable.
   * @param {unknown} row
   * @param {number} bytes the row's size, about
   * @param {(work: Promise<unknown>) => void} waitUntil of this request
   * @returns {Promise<'stored' | 'failed' | 'full'>}
   */
  async add(row, bytes, waitUntil) {
    if (this.#waiting + bytes > MAX_WAITING_BYTES) return 'full'
    this.#waiting += bytes
    try {
      const shared = this.#requests > 1 && (await this.#share(row, bytes, waitUntil))
      return shared || (await this.#alone(row, waitUntil)) ? 'stored' : 'failed'
    } finally {
      this.#waiting -= bytes
    }
  }

  /** Inserts one row in this request's own round trip. */
  async #alone(row, waitUntil) {
    const stored = settles(this.#store.insert([row]))
    // Also when the client goes away: then the row and its push are still worth having.
    waitUntil(stored.then((done) => done && settles(this.#store.push([row]))))
    return stored
  }

  /** True when the group stored the row; false when this request has to insert it by itself. */
  #share(row, bytes, waitUntil) {
    const open = this.#open
    const fits = open !== null && open.rows.length < MAX_ROWS && open.bytes + bytes <= MAX_GROUP_BYTES
    const group = fits ? open : this.#lead(waitUntil)
    group.rows.push(row)
    group.bytes += bytes
    return fits ? this.#follow(group) : group.stored
  }

  /** Opens a group whose round trip this request makes, as soon as everything that is here has joined. */
  #lead(waitUntil) {
    const group = { rows: [], bytes: 0, stored: null }
    group.stored = settles(
      sleep(0).promise.then(() => {
        this.#close(group)
        return this.#store.insert(group.rows)
      }),
    )
    this.#open = group
    // The round trip and the push outlive a leader whose client goes away.
    waitUntil(group.stored.then((done) => done && settles(this.#store.push(group.rows))))
    return group
  }

  /** Waits for the leader, but not for ever: a leader can be cut off with its request. */
  async #follow(group) {
    const limit = sleep(FOLLOWER_WAIT)
    const stored = await Promise.race([group.stored, limit.promise.then(() => false)])
    limit.cancel()
    if (!stored) this.#close(group)
    return stored
  }

  #close(group) {
    if (this.#open === group) this.#open = null
  }
}

/** True when the promise fulfils, false when it rejects. */
function settles(promise) {
  return promise.then(
    () => true,
    () => false,
  )
}

function sleep(milliseconds) {
  let timer
  const promise = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  return { promise, cancel: () => clearTimeout(timer) }
}
