import { isObject } from '../json-object.ts'

/** The resource of an event that tells of one; of several none is the object asked for. */
export function onlyResource(
  resources: unknown,
): { readonly id: unknown; readonly type: unknown } | undefined {
  if (!Array.isArray(resources) || resources.length !== 1 || !isObject(resources[0])) return undefined
  const { uid, name, type } = resources[0]
  return { id: uid ?? name, type }
}

/** The value of the first fingerprint of kind JA4 (`type_id` 1), the TLS client's. */
export function firstJa4(fingerprints: unknown): unknown {
  if (!Array.isArray(fingerprints)) return undefined
  const found = fingerprints
    .slice(0, 16)
    .find((one) => isObject(one) && (one.type_id === 1 || one.type === 'JA4'))
  return isObject(found) ? found.value : undefined
}
