import { z } from 'zod'
import { fault } from '../errors/codes.ts'
import { type ChatTemplate, compileChatTemplate } from '../text/chat-template.ts'
import { buildTokenizer, type TextTokenizer } from '../text/tokenizer.ts'
import type { ModelFolder } from './model-folder.ts'
import { readVerifiedFile, readVerifiedJson } from './verified-file.ts'

const TOKENIZER_FILE = 'tokenizer.json'
const CONFIG_FILE = 'tokenizer_config.json'
/** Newer models keep their template in a file of its own; it counts before the one in the configuration. */
const TEMPLATE_FILE = 'chat_template.jinja'
/** The largest vocabularies, 260,000 tokens with their merges, take some 35 MB. */
export const LARGEST_TOKENIZER_BYTES = 64 * 1024 * 1024
export const LARGEST_CONFIG_BYTES = 16 * 1024 * 1024
/** Templates have some 10 kB. */
export const LARGEST_TEMPLATE_BYTES = 1024 * 1024

/** A special token is a text, or an object that holds it. */
const tokenText = z.union([
  z.string(),
  z.looseObject({ content: z.string() }).transform(({ content }) => content),
])
const configSchema = z.looseObject({
  /** One, or several by name, of which `default` is the one for chats. */
  chat_template: z
    .union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))])
    .optional(),
  bos_token: tokenText.nullish(),
  eos_token: tokenText.nullish(),
})

/** Loads a folder's tokenizer. `tokenizer_config.json` may be missing from the manifest. */
export async function loadTokenizer(folder: ModelFolder): Promise<TextTokenizer> {
  return buildTokenizer(
    await readVerifiedJson(folder, TOKENIZER_FILE, LARGEST_TOKENIZER_BYTES),
    await readConfig(folder),
    folder.manifest.id,
  )
}

/**
 * Loads a folder's chat template: `chat_template.jinja` where the manifest lists it, else the configuration's own.
 * @throws `PARAPET_MODEL_TEMPLATE_INVALID`, `PARAPET_MODEL_FILE_TOO_LARGE`
 */
export async function loadChatTemplate(folder: ModelFolder): Promise<ChatTemplate> {
  const model = folder.manifest.id
  const { source, bos, eos } = await readTemplate(folder)
  if (source === undefined) {
    throw fault('PARAPET_MODEL_TEMPLATE_INVALID', {
      model,
      problem: `there is no ${TEMPLATE_FILE}, and ${CONFIG_FILE} has no chat_template that is a text`,
    })
  }
  return compileChatTemplate(source, { bos_token: bos ?? '', eos_token: eos ?? '' }, model)
}

/**
 * The text of a chat model's template, the one that its prompts are made with: `chat_template.jinja` where the manifest
 * lists it, else `chat_template` of `tokenizer_config.json`, or of several by name the `default` one.
 * @returns undefined where the model has none that could be used
 * @throws `PARAPET_MODEL_…`: a file is missing, another than the manifest says, too large, or not JSON
 */
export async function readChatTemplate(folder: ModelFolder): Promise<string | undefined> {
  return (await readTemplate(folder)).source
}

interface ReadTemplate {
  readonly source?: string | undefined
  readonly bos?: string | null | undefined
  readonly eos?: string | null | undefined
}

async function readTemplate(folder: ModelFolder): Promise<ReadTemplate> {
  const parsed = configSchema.safeParse(await readConfig(folder))
  if (!parsed.success) return {}
  const { chat_template: configured, bos_token: bos, eos_token: eos } = parsed.data
  return { source: await templateOf(folder, configured), bos, eos }
}

async function templateOf(
  folder: ModelFolder,
  configured: z.infer<typeof configSchema>['chat_template'],
): Promise<string | undefined> {
  if (Object.hasOwn(folder.manifest.files, TEMPLATE_FILE)) {
    return new TextDecoder().decode(await readVerifiedFile(folder, TEMPLATE_FILE, LARGEST_TEMPLATE_BYTES))
  }
  const source = Array.isArray(configured)
    ? configured.find(({ name }) => name === 'default')?.template
    : configured
  if (source === undefined || source.length <= LARGEST_TEMPLATE_BYTES) return source
  const problem = `it has more than ${LARGEST_TEMPLATE_BYTES} characters`
  throw fault('PARAPET_MODEL_TEMPLATE_INVALID', { model: folder.manifest.id, problem })
}

async function readConfig(folder: ModelFolder): Promise<unknown> {
  return Object.hasOwn(folder.manifest.files, CONFIG_FILE)
    ? await readVerifiedJson(folder, CONFIG_FILE, LARGEST_CONFIG_BYTES)
    : {}
}
