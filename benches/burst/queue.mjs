// A queue that keeps to wrangler.toml: `max_concurrency`, `max_batch_size`, `max_batch_timeout`. The one that miniflare
// brings does not read the first of them. Its messages come from the Worker's own pushes, through a consumer that only
// hands them on.

import { createServer } from 'node:http'
import { once } from 'node:events'

/** What stands in for the consumer of wrangler.toml: it hands each message to this process and is done. */
export const relay = (port) => ({
  name: 'relay',
  modules: true,
  script: `export default { async queue(batch) {
    const body = JSON.stringify(batch.messages.map(({ body }) => body))
    const answer = await fetch('http://127.0.0.1:${port}/', { method: 'POST', body })
    await answer.text()
  } }`,
  queueConsumers: { 'quittance-events': { maxBatchSize: 100, maxBatchTimeout: 0 } },
})

export class Queue {
  messages = []
  running = 0
  /** Batches worked, and the most that were worked at a time. */
  batches = 0
  most = 0

  /** `work(ids)` runs the Worker's consumer on one batch. */
  static async open({ concurrency, size, timeout, work }) {
    const queue = Object.assign(new Queue(), { concurrency, size, timeout, work })
    queue.server = createServer(async (request, response) => {
      queue.push(JSON.parse(Buffer.concat(await request.toArray())))
      response.end('ok')
    })
    queue.server.listen(0, '127.0.0.1')
    await once(queue.server, 'listening')
    queue.port = queue.server.address().port
    return queue
  }

  push(ids) {
    this.messages.push(...ids)
    this.#next()
  }

  close() {
    this.server.close()
    this.server.closeAllConnections()
  }

  /** Starts batches as long as there is room: a full one at once, one with space after the time-out. */
  #next() {
    while (this.running < this.concurrency && this.messages.length >= this.size) this.#run()
    if (this.running < this.concurrency && this.messages.length > 0 && !this.timer) {
      this.timer = setTimeout(() => {
        this.timer = undefined
        if (this.running < this.concurrency && this.messages.length > 0) this.#run()
      }, this.timeout * 1000)
    }
  }

  async #run() {
    const batch = this.messages.splice(0, this.size)
    this.running += 1
    this.batches += 1
    this.most = Math.max(this.most, this.running)
    try {
      if (!(await this.work(batch))) this.messages.push(...batch)
    } finally {
      this.running -= 1
      this.#next()
    }
  }
}
