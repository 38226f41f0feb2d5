import { downloadModel } from '@parapet/runtime'

/** Fetches a model: `pull.ts endpoint repo cacheFolder`. Says what it opened. */
const [endpoint = '', repo = '', cacheFolder = ''] = process.argv.slice(2)
const { directory, manifest } = await downloadModel({ endpoint, repo, cacheFolder })
process.stdout.write(`${JSON.stringify({ directory, files: Object.keys(manifest.files).length })}\n`)
