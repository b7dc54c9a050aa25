import { bodyKind, cutBody } from './cut-body.ts'
import type { Answer, Endpoint } from './endpoint.ts'

/** `POST /v1/events`: lines or an array of events, answered with `{"accepted": …, "refused": …}`. */
export const eventsEndpoint: Endpoint = {
  path: '/v1/events',
  isKeyed: true,
  check: (headers) => void bodyKind(headers['content-type']),
  cut: (body, headers) => cutBody(body, bodyKind(headers['content-type'])),
  stored: ({ accepted, refused }) => json({ accepted, refused }),
  refused: ({ message }) => json({ error: message }),
}

function json(value: unknown): Answer {
  return { contentType: 'application/json', body: `${JSON.stringify(value)}\n` }
}
