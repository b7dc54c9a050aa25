import { readFile } from 'node:fs/promises'
import type { JSONWebKeySet } from 'jose'

/** Where the public keys of the token issuer are: RFC 7517 section 5 in a file or behind a URL. */
export type JwksSource = { readonly file: string } | { readonly url: string }

const fetchMsMax = 5000
const bytesMax = 1_048_576

/** Reads a key set; rejects with a sentence that names the source when there is none. */
export async function readJwks(source: JwksSource): Promise<JSONWebKeySet> {
  const name = 'file' in source ? source.file : source.url
  const text = 'file' in source ? await readFile(source.file, 'utf8') : await download(source.url)
  const value: unknown = parsed(text, name)
  if (typeof value !== 'object' || value === null || !('keys' in value) || !Array.isArray(value.keys)) {
    throw new Error(`${name} holds no JSON Web Key Set; it needs a member 'keys' with a list`)
  }
  return { keys: value.keys }
}

async function download(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(fetchMsMax), redirect: 'error' })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > bytesMax) throw new Error(`${url} sent more than ${bytesMax} bytes, too much for a key set`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`${name} holds no JSON`)
  }
}
