import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals'
import { resolveModel } from '../hub/resolve-model.ts'
import { tinyRepository } from '../testing/tiny-repository.ts'

const made: string[] = []
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))))

/** A chat model's repository as it was cloned: its graphs in `onnx/`. */
let clone: string
beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'parapet-clone-'))
  made.push(clone)
  for (const [path, bytes] of Object.entries(tinyRepository())) {
    await mkdir(dirname(join(clone, path)), { recursive: true })
    await writeFile(join(clone, path), bytes)
  }
})

/** The graph lies where an exporter writes it. */
const exported = () => rename(join(clone, 'onnx/model.onnx'), join(clone, 'model.onnx'))

/** Keeps a file elsewhere, as a cache of blobs does. */
async function linked(name: string): Promise<void> {
  await rename(join(clone, name), join(clone, `${name}.blob`))
  await symlink(join(clone, `${name}.blob`), join(clone, name))
}

test('a folder with its graph beside config.json is opened', async () => {
  await exported()

  await expect(resolveModel(clone)).resolves.toMatchObject({ manifest: { kind: 'decoder', layers: 4 } })
})

describe('a clone with its graphs in onnx/', () => {
  test('is refused with their names and the way out', async () => {
    await expect(resolveModel(clone)).rejects.toMatchObject({
      code: 'PARAPET_MODEL_GRAPH_BELOW',
      message: expect.stringMatching(/\(model\.onnx, model_q4\.onnx\).*as model\.onnx.*hf:owner\/name#dtype/),
    })
  })

  test('is no clone without graphs', async () => {
    await rm(join(clone, 'onnx'), { recursive: true })
    await mkdir(join(clone, 'onnx'))

    await expect(resolveModel(clone)).rejects.toMatchObject({ code: 'PARAPET_MODEL_FILE_MISSING' })
  })
})

describe('a folder of links', () => {
  // The template's among them: left out without a word, the model would be asked in another form.
  test.each(['model.onnx', 'config.json', 'tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja'])(
    'is refused by the name of %s',
    async (name) => {
      await exported()
      await linked(name)

      await expect(resolveModel(clone)).rejects.toMatchObject({
        code: 'PARAPET_MODEL_FILE_LINKED',
        message: expect.stringContaining(`the file "${name}" is a link`),
      })
    },
  )

  test('is refused so too where they lead nowhere', async () => {
    await rm(join(clone, 'onnx'), { recursive: true })
    await symlink(join(clone, 'gone'), join(clone, 'model.onnx'))

    await expect(resolveModel(clone)).rejects.toMatchObject({ code: 'PARAPET_MODEL_FILE_LINKED' })
  })
})
