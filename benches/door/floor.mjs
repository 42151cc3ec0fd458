// The floor: a Worker that stores what it is sent and looks at nothing. No door can do less and still be durable.

const SQL = 'INSERT INTO events (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING'
const HEADERS = { 'content-type': 'application/json; charset=utf-8' }

export default {
  async fetch(request, env) {
    const body = await request.text()
    await env.DB.prepare(SQL).bind(crypto.randomUUID(), body).run()
    return new Response('{"received":true}', { headers: HEADERS })
  },
}
