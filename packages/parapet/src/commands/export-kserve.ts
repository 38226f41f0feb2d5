import { exportKserve, KSERVE_SERVERS, type KserveServerKind } from '@parapet/detectors/remote'
import { atMost, type Command, parse, type Streams, usage } from '../command.ts'
import { EXIT } from '../output/exit-codes.ts'
import { print } from '../output/print.ts'
import { fields } from '../output/table.ts'

const HELP = `parapet export-kserve <repository>: a text encoder as a model repository of a KServe v2 server

  <repository>       the folder of the model repository; the model's own folder is made in it
  --server NAME      ${KSERVE_SERVERS.join(', ')} (default: ${KSERVE_SERVERS[0]})
  --weights NAME     a weights package, or a folder (default: @parapet/model-encoder)

The model is named by the weights' id and the beginning of their digest: the detector kserve asks for that name, so that
other weights are not measured with these thresholds. A model that is there already is left as it is.

Exit status: 0 it was written; 1 it was not; 2 called wrongly.`

async function run(args: readonly string[], { stdout }: Streams): Promise<number> {
  const { values, positionals } = parse('export-kserve', args, {
    server: { type: 'string', default: KSERVE_SERVERS[0] },
    weights: { type: 'string' },
  })
  atMost('export-kserve', positionals, 1)
  const [repository] = positionals
  if (repository === undefined) throw usage('export-kserve', 'The folder of the model repository is needed.')
  if (!KSERVE_SERVERS.includes(values.server as KserveServerKind))
    throw usage('export-kserve', `--server is one of ${KSERVE_SERVERS.join(', ')}.`)
  const { weights } = values
  const { name, folder } = await exportKserve({
    repository,
    server: values.server as KserveServerKind,
    ...(weights === undefined ? {} : { weights }),
  })
  const written = values.json
    ? JSON.stringify({ name, folder })
    : fields([
        ['model', name],
        ['folder', folder],
      ])
  await print(stdout, written)
  return EXIT.ok
}

export const command: Command = { help: HELP, run }
