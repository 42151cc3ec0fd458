// Somebody's web server, on another origin than the Worker's, whose pages embed the pay page.

import { once } from 'node:events'
import { createServer } from 'node:http'

/** Serves `pages` by path; each is HTML text. `worker`, the Worker's origin, is for whoever writes them. */
export async function serveHost() {
  const pages = new Map()
  const server = createServer((request, response) => {
    const page = pages.get(new URL(request.url, 'http://host').pathname)
    response.writeHead(page ? 200 : 404, {
      'content-type': 'text/html; charset=utf-8',
      'referrer-policy': 'strict-origin-when-cross-origin',
    })
    response.end(page ?? '')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  let made = 0
  return {
    url: `http://127.0.0.1:${port}`,
    /** The same server under an origin that the Worker does not name. */
    strange: `http://localhost:${port}`,
    worker: '',
    /** Puts a page at a path of its own and gives the path. */
    page(body, { head = '' } = {}) {
      made += 1
      const path = `/page${made}`
      const usual = '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
      pages.set(
        path,
        `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Portal</title>${usual}${head}</head><body>${body}</body></html>`,
      )
      return path
    },
    async close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
