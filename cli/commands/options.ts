import { InvalidArgumentError, Option } from 'commander'
import { formatIds } from '../../ingest/formats/formats.ts'

/** Options that several commands share, so that they are named and described once. */
export const configOption = () =>
  new Option('-c, --config <file>', 'configuration file (default: picket.yaml here, else built-in defaults)')

export const jsonOption = () => new Option('--json', 'print JSON, one object a line, instead of a table')

export const dataDirOption = () =>
  new Option('--data-dir <folder>', 'folder with the state (default: data_dir of the configuration)')

export const formatOption = () =>
  new Option('-f, --format <id>', 'format of the records (default: told from the first lines)').choices([
    ...formatIds,
  ])

export const workersOption = () =>
  new Option(
    '-w, --workers <n>',
    'threads that judge, each some of the detectors (default: workers of the configuration, else 1)',
  ).argParser((text) => {
    const workers = Number(text)
    if (!Number.isInteger(workers) || workers < 1 || workers > 64)
      throw new InvalidArgumentError('It is a whole number from 1 to 64.')
    return workers
  })

const limitDefault = 50

export const limitOption = () =>
  new Option('--limit <count>', 'so many of the newest at most')
    .argParser(countOf)
    .default(limitDefault, String(limitDefault))

/** Reads a whole number above 0. Throws `InvalidArgumentError` for anything else. */
function countOf(text: string): number {
  const count = Number(text)
  if (/^\d{1,9}$/.test(text) && count > 0) return count
  throw new InvalidArgumentError('Write a whole number above 0.')
}
