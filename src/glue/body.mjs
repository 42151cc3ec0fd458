// Reading a request's body as raw bytes, and answering.

/** The body's bytes, or the code of why there are none. Never more than `limit` bytes are held. */
export async function read(request, limit) {
  const declared = request.headers.get('content-length')
  if (declared !== null && Number(declared) > limit) return 'body_too_large'
  try {
    if (declared !== null || request.body === null) return new Uint8Array(await request.arrayBuffer())
    return await gather(request.body, limit)
  } catch {
    return 'body_invalid'
  }
}

/** Reads a body of unknown length. */
async function gather(stream, limit) {
  const chunks = []
  let length = 0
  for await (const chunk of stream) {
    length += chunk.length
    if (length > limit) return 'body_too_large'
    chunks.push(chunk)
  }
  const body = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}
