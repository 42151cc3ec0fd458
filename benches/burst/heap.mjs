// What the Worker's isolate holds, asked of V8 through workerd's inspector while the Worker works.

import { createRequire } from 'node:module'

const { WebSocket } = createRequire(import.meta.resolve('wrangler'))('ws')

/** Milliseconds between two looks. */
const EVERY = 100

/**
 * Has V8 collect what is young and dead at every 8 MiB, in whatever workerd is started from now on. Left to itself it lets
 * up to 96 MiB of garbage lie before it looks, which says nothing of what a Worker needs.
 */
export const tidy = () => (process.env.MINIFLARE_WORKERD_V8_FLAGS = '--max-semi-space-size=8')

export class Heap {
  /** Bytes, of all looks: V8's heap in use, buffers outside of it, and both together; `committed` is what V8 took for its heap. */
  most = { used: 0, buffers: 0, together: 0, committed: 0 }
  looks = 0

  /** Looks until `close`. `script` is the Worker's name. */
  static async of(port, script) {
    const targets = await (await fetch(`http://127.0.0.1:${port}/json`)).json()
    const { id } = targets.find((target) => target.id.includes(script))
    const heap = new Heap()
    heap.socket = new WebSocket(`ws://127.0.0.1:${port}/${id}`)
    await new Promise((resolve, reject) => heap.socket.on('open', resolve).on('error', reject))
    heap.waiting = new Map()
    heap.socket.on('message', (text) => {
      const { id, result, error, method, params } = JSON.parse(text)
      if (method === 'Runtime.executionContextCreated') heap.context = params.context.id
      heap.waiting.get(id)?.(result ?? error)
      heap.waiting.delete(id)
    })
    heap.timer = setInterval(() => heap.look().catch(() => {}), EVERY)
    return heap
  }

  ask(method, params = {}) {
    this.count = (this.count ?? 0) + 1
    const id = this.count
    this.socket.send(JSON.stringify({ id, method, params }))
    return new Promise((resolve) => this.waiting.set(id, resolve))
  }

  async look() {
    const { usedSize, totalSize, backingStorageSize = 0, ...rest } = await this.ask('Runtime.getHeapUsage')
    this.last = { usedSize, totalSize, backingStorageSize, ...rest }
    this.looks += 1
    const raise = (name, bytes) => (this.most[name] = Math.max(this.most[name], bytes))
    raise('used', usedSize)
    raise('buffers', backingStorageSize)
    raise('together', usedSize + backingStorageSize)
    raise('committed', totalSize)
  }

  /** Bytes that are still held when V8 has thrown away what nobody needs, which it does before it looks for objects. */
  async held() {
    await this.wasm()
    const { usedSize, backingStorageSize = 0 } = await this.ask('Runtime.getHeapUsage')
    return usedSize + backingStorageSize
  }

  /** Bytes of all memories of wasm instances. They never shrink: what stands there now is the most that there was. */
  async wasm() {
    await this.ask('Runtime.enable')
    const { result } = await this.ask('Runtime.evaluate', {
      expression: 'WebAssembly.Memory.prototype',
      contextId: this.context,
    })
    const { objects } = await this.ask('Runtime.queryObjects', { prototypeObjectId: result.objectId })
    const functionDeclaration = 'function () { return this.map((memory) => memory.buffer.byteLength) }'
    const sizes = await this.ask('Runtime.callFunctionOn', {
      objectId: objects.objectId,
      functionDeclaration,
      returnByValue: true,
    })
    return sizes.result.value
  }

  close() {
    clearInterval(this.timer)
    this.socket.close()
  }
}
