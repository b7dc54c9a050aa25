import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A definition beside a source. The compiler copies no .proto files, so from `dist/` the one in the package's source
 * folder is read.
 */
export function protoPath(folder: string, file: string): string {
  const beside = join(import.meta.dirname, '..', folder, file)
  if (existsSync(beside)) return beside
  return join(import.meta.dirname, '..', '..', '..', '..', 'ingest', 'sources', folder, file)
}
