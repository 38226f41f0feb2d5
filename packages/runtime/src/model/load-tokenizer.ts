import { z } from 'zod'
import { fault } from '../errors/codes.ts'
import { type ChatTemplate, compileChatTemplate } from '../text/chat-template.ts'
import { buildTokenizer, type TextTokenizer } from '../text/tokenizer.ts'
import type { ModelFolder } from './model-folder.ts'
import { readVerifiedJson } from './verified-file.ts'

const TOKENIZER_FILE = 'tokenizer.json'
const CONFIG_FILE = 'tokenizer_config.json'

/** A special token is a text, or an object that holds it. */
const tokenText = z.union([
  z.string(),
  z.looseObject({ content: z.string() }).transform(({ content }) => content),
])
const configSchema = z.looseObject({
  chat_template: z.string().optional(),
  bos_token: tokenText.nullish(),
  eos_token: tokenText.nullish(),
})

/** Loads a folder's tokenizer. `tokenizer_config.json` may be missing from the manifest. */
export async function loadTokenizer(folder: ModelFolder): Promise<TextTokenizer> {
  return buildTokenizer(
    await readVerifiedJson(folder, TOKENIZER_FILE),
    await readConfig(folder),
    folder.manifest.id,
  )
}

/** Loads a folder's chat template. @throws `PARAPET_MODEL_TEMPLATE_INVALID` */
export async function loadChatTemplate(folder: ModelFolder): Promise<ChatTemplate> {
  const model = folder.manifest.id
  const parsed = configSchema.safeParse(await readConfig(folder))
  const source = parsed.success ? parsed.data.chat_template : undefined
  if (!parsed.success || source === undefined) {
    throw fault('PARAPET_MODEL_TEMPLATE_INVALID', {
      model,
      problem: `${CONFIG_FILE} has no chat_template that is a text`,
    })
  }
  const { bos_token: bos, eos_token: eos } = parsed.data
  return compileChatTemplate(source, { bos_token: bos ?? '', eos_token: eos ?? '' }, model)
}

async function readConfig(folder: ModelFolder): Promise<unknown> {
  return Object.hasOwn(folder.manifest.files, CONFIG_FILE) ? await readVerifiedJson(folder, CONFIG_FILE) : {}
}
