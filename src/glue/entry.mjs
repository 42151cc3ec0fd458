// The Worker's entry: what Cloudflare calls.

import { ready } from './core.mjs'
import { PATH, webhook } from './door.mjs'

export default {
  fetch(request, env, context) {
    if (request.method === 'POST' && pathOf(request.url) === PATH) return webhook(request, context)
    return ready().fetch(request, env, context)
  },
}

/** The path of an absolute URL; cheaper than parsing it, and the door is asked a thousand times a second. */
function pathOf(url) {
  const start = url.indexOf('/', url.indexOf('//') + 2)
  const end = url.slice(start).search(/[?#]/)
  return end < 0 ? url.slice(start) : url.slice(start, start + end)
}
