// The Worker's entry: Cloudflare calls these three functions.

import * as core from './core.mjs'

export default {
  fetch: (request, env, ctx) => core.ready().fetch(request, env, ctx),
}
