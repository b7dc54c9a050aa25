const version = 1

/** What stands beside the offset of a group that copies: where the cut ends that it may be inserting. */
export function writeNotedEnd(until: number | undefined): string {
  return JSON.stringify({ version, ...(until !== undefined && { until }) })
}

/** Undoes `writeNotedEnd`; `undefined` where no cut is under way. Throws `RangeError` for what another version wrote. */
export function readNotedEnd(metadata: string | undefined): number | undefined {
  if (!metadata) return undefined
  const read = JSON.parse(metadata) as { readonly version?: number; readonly until?: number }
  if (read.version === version) return read.until
  throw new RangeError(
    `the committed offset of copies is of version ${read.version}, this version of Picket reads ${version}: update this process`,
  )
}
