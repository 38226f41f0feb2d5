import { downloadModel, type HubProgress, parseModelReference, verifyModel } from '@parapet/runtime'
import { type Streams, usage } from '../../command.ts'
import { EXIT } from '../../output/exit-codes.ts'
import { megabytes } from '../../output/megabytes.ts'
import { print } from '../../output/print.ts'
import { fields } from '../../output/table.ts'
import { terminalText } from '../../output/terminal-text.ts'
import { hubOptionsOf, type ModelCall } from './model-call.ts'

/** Fetches a model into the cache, and reads it once more: a file that was damaged since is noticed. */
export async function pull({ reference, values, streams }: ModelCall): Promise<number> {
  const wanted = reference === undefined ? undefined : parseModelReference(reference)
  if (wanted?.kind !== 'hub') throw usage('model', 'pull takes a model of a hub: hf:owner/name.')
  const { repo, revision, dtype } = wanted
  const { file, files } = values
  const { directory, manifest } = await downloadModel({
    ...hubOptionsOf(values),
    repo,
    ...(revision === undefined ? {} : { revision }),
    ...(dtype === undefined ? {} : { dtype }),
    ...(file === undefined ? {} : { file }),
    ...(files === undefined ? {} : { files: files.split(',') }),
    ...progressOn(streams.stderr),
  })
  const wrong = (await verifyModel(directory)).filter(({ state }) => state !== 'right')
  const { id, version: commit, licence, layers, hidden, contextTokens } = manifest
  const bytes = Object.values(manifest.files).reduce((sum, listed) => sum + listed.bytes, 0)
  const about = { repo: id, commit, licence, layers, hidden, contextTokens, bytes, directory, wrong }
  if (values.json) await print(streams.stdout, JSON.stringify(about))
  else
    await print(
      streams.stdout,
      fields([
        ['model', id],
        ['commit', commit],
        ['licence', licence],
        ['layers', `${layers} of width ${hidden}`],
        ['context', `${contextTokens} tokens`],
        ['size', `${megabytes(bytes)} MB`],
        ['folder', directory],
        ...wrong.map(({ file: name, state }) => [state, name] as const),
      ]),
    )
  return wrong.length === 0 ? EXIT.ok : EXIT.failed
}

/** One line that is written over, for people; a program that reads standard error is told nothing. */
function progressOn(stderr: Streams['stderr']): { onProgress?: (progress: HubProgress) => void } {
  if (!('isTTY' in stderr) || stderr.isTTY !== true) return {}
  return {
    onProgress({ file, bytes, totalBytes }) {
      const share = totalBytes === 0 ? 100 : Math.floor((100 * bytes) / totalBytes)
      const text = `${share} % of ${megabytes(totalBytes)} MB  ${terminalText(file)}`
      stderr.write(`\r\u001b[2K${text}${bytes === totalBytes ? '\n' : ''}`)
    },
  }
}
