import { entry, errorsOf } from './catalogue.ts'

type Model = { model: string }
const retryable = { retryable: true }

/** Every error of this package. `docs/errors.md` lists the same codes; a test keeps them equal. */
export const RUNTIME_ERRORS = {
  PARAPET_RUNTIME_PEER_MISSING: entry<{ peer: string; install: string }>(
    ({ peer, install }) =>
      `The package "${peer}" cannot be loaded, and models need it. Install it: ${install}`,
  ),
  PARAPET_RUNTIME_OPTION_INVALID: entry<{ option: string; received: string; expected: string }>(
    ({ option, received, expected }) => `Option "${option}" is ${received}; expected ${expected}.`,
  ),
  PARAPET_RUNTIME_OVERLOADED: entry<{ waiting: number; maxQueue: number }>(
    ({ waiting, maxQueue }) =>
      `The model host has ${waiting} requests waiting, and maxQueue is ${maxQueue}. Try again later, or raise maxQueue or the number of hosts.`,
    retryable,
  ),
  PARAPET_RUNTIME_DEADLINE: entry<{ budgetMs: number; state: 'queued' | 'running' }>(
    ({ budgetMs, state }) =>
      `The request's budget of ${budgetMs} ms ran out while it was ${state}. Give it a larger budgetMs, shorter text, or more hosts.`,
    retryable,
  ),
  PARAPET_RUNTIME_ABORTED: entry<object>(() => 'The request was taken back by its AbortSignal.'),
  PARAPET_RUNTIME_CLOSED: entry<object>(
    () => 'The model host is closed. Make another with createModelHost() for further requests.',
  ),
  PARAPET_RUNTIME_HOST_CRASHED: entry<{ how: string }>(
    ({ how }) =>
      `The model host ended (${how}) while the request ran. A new host takes the next requests: try again.`,
    retryable,
  ),
  PARAPET_RUNTIME_HOST_UNRESPONSIVE: entry<{ silentMs: number }>(
    ({ silentMs }) =>
      `The model host gave no sign of life for ${silentMs} ms and was killed. A new host takes the next requests: try again, or raise unresponsiveMs.`,
    retryable,
  ),
  PARAPET_RUNTIME_HOST_START_FAILED: entry<{ how: string; starts: number }>(
    ({ how, starts }) =>
      `The model host's process did not start (${how}, ${starts} times in a row). Node 22.13 or later and permission to start child processes are needed; isolation: 'none' needs neither process nor permission.`,
    retryable,
  ),
  PARAPET_RUNTIME_REQUEST_INVALID: entry<{ field: string; received: string; expected: string }>(
    ({ field, received, expected }) =>
      `Field "${field}" of the request is ${received}; expected ${expected}.`,
  ),
  PARAPET_RUNTIME_RUN_FAILED: entry<Model>(
    ({ model }) =>
      `Model "${model}": a pass failed in onnxruntime. The file may be made for another version or run out of memory; see the error's cause.`,
  ),
  PARAPET_MODEL_NOT_INSTALLED: entry<{ name: string }>(
    ({ name }) => `The weights package "${name}" is not installed. Install it: npm install ${name}`,
  ),
  PARAPET_MODEL_MANIFEST_INVALID: entry<{ path: string; problem: string }>(
    ({ path, problem }) =>
      `The manifest of the model folder is not usable at "${path}": ${problem}. Expected the form "parapet.model/1"; install the package again, or write its manifest.json anew.`,
  ),
  PARAPET_MODEL_KIND_WRONG: entry<Model & { received: string; expected: string }>(
    ({ model, received, expected }) => `Model "${model}" is of kind "${received}"; expected "${expected}".`,
  ),
  PARAPET_MODEL_FILE_MISSING: entry<Model & { file: string }>(
    ({ model, file }) =>
      `Model "${model}": the file "${file}" is missing. Install the weights package again.`,
  ),
  PARAPET_MODEL_FILE_LINKED: entry<Model & { file: string }>(
    ({ model, file }) =>
      `Model "${model}": the file "${file}" is a link, and a folder without a manifest.json is opened without following links. Copy the folder with what they lead to (cp -RL), or name the model as hf:owner/name.`,
  ),
  PARAPET_MODEL_GRAPH_BELOW: entry<Model & { graphs: readonly string[] }>(
    ({ model, graphs }) =>
      `Model "${model}": its graphs lie in the folder "onnx" (${graphs.join(', ')}), and model.onnx is looked for beside config.json. Copy the one to be run there as model.onnx, with the weights beside it under the names they have, or name the model as hf:owner/name#dtype.`,
  ),
  PARAPET_MODEL_DIGEST_MISMATCH: entry<Model & { file: string; received: string; expected: string }>(
    ({ model, file, received, expected }) =>
      `Model "${model}": the file "${file}" is ${received}, the manifest says ${expected}. The file is damaged or another's: install the weights package again.`,
  ),
  PARAPET_MODEL_CORRUPT: entry<Model & { file: string; problem: string }>(
    ({ model, file, problem }) =>
      `Model "${model}": the file "${file}" cannot be read: ${problem}. Install the weights package again, or export the model anew.`,
  ),
  PARAPET_MODEL_FILE_OUTSIDE: entry<Model & { file: string; problem: string }>(
    ({ model, file, problem }) =>
      `Model "${model}": the file "${file}" keeps weights in a place that is not opened: ${problem}. Weights may lie in the file itself or in files beside it that the manifest lists. Do not use the model unless you made it; then export it anew.`,
  ),
  PARAPET_MODEL_FILE_TOO_LARGE: entry<Model & { file: string; bytes: number; limitBytes: number }>(
    ({ model, file, bytes, limitBytes }) =>
      `Model "${model}": the file "${file}" has ${bytes} bytes; at most ${limitBytes} are read. No model needs more: look where it comes from. A graph over 2 GiB keeps its weights in files beside it.`,
  ),
  PARAPET_MODEL_CONFIG_INVALID: entry<Model & { problem: string }>(
    ({ model, problem }) =>
      `Model "${model}" cannot be described from its config.json and its graph: ${problem}. Supported are chat models exported with past keys and values in float32 (Optimum's text-generation-with-past, onnxruntime-genai's builder), or a folder with a manifest.json.`,
  ),
  PARAPET_MODEL_LOAD_FAILED: entry<Model & { attempts: number }>(
    ({ model, attempts }) =>
      `Model "${model}": onnxruntime refused the model file (${attempts} attempts). It may use operators of a newer version; see the error's cause.`,
  ),
  PARAPET_MODEL_LOAD_CRASHED: entry<Model & { how: string; attempts: number }>(
    ({ model, how, attempts }) =>
      `Model "${model}": loading it ended its host (${how}), ${attempts} times in a row. The file is damaged or the machine lacks memory; it is tried again after a pause.`,
    retryable,
  ),
  PARAPET_MODEL_LOAD_TIMEOUT: entry<Model & { loadTimeoutMs: number }>(
    ({ model, loadTimeoutMs }) =>
      `Model "${model}" did not load within ${loadTimeoutMs} ms. Raise loadTimeoutMs, or free the machine's processors.`,
    retryable,
  ),
  PARAPET_MODEL_TOKENIZER_INVALID: entry<Model & { problem: string }>(
    ({ model, problem }) =>
      `Model "${model}": its tokenizer is not usable: ${problem}. Export tokenizer.json and tokenizer_config.json again, with the model.`,
  ),
  PARAPET_MODEL_TEMPLATE_INVALID: entry<Model & { problem: string }>(
    ({ model, problem }) =>
      `Model "${model}": its chat template is not usable: ${problem}. Put a working chat_template into tokenizer_config.json.`,
  ),
  PARAPET_MODEL_TEMPLATE_REFUSED: entry<Model & { roles: string }>(
    ({ model, roles }) =>
      `Model "${model}": its chat template refuses a conversation with the roles ${roles}. Give it the order of roles that the model was trained with.`,
  ),
  PARAPET_MODEL_TEMPLATE_TIMEOUT: entry<Model & { timeoutMs: number }>(
    ({ model, timeoutMs }) =>
      `Model "${model}": its chat template did not end within ${timeoutMs} ms and was stopped. A template that loops is broken or hostile: do not use the model.`,
  ),
  PARAPET_MODEL_GRAPH_UNSUPPORTED: entry<Model & { problem: string }>(
    ({ model, problem }) =>
      `Model "${model}": the residual stream was not found in its graph: ${problem}. Supported are decoders whose blocks add to one stream (Add or Skip…LayerNormalization), as onnxruntime-genai's builder and Optimum export them.`,
  ),
  PARAPET_MODEL_EDIT_UNVERIFIED: entry<Model & { site: string; received: string; expected: string }>(
    ({ model, site, received, expected }) =>
      `Model "${model}": a trial of the edited graph failed at ${site}: ${received}; expected ${expected}. Its layout is not one that can be intervened in: use an export by onnxruntime-genai's builder or Optimum, and report this one.`,
  ),
  PARAPET_MODEL_SITE_UNKNOWN: entry<Model & { site: string; blocks: number }>(
    ({ model, site, blocks }) =>
      `Model "${model}" has no site "${site}"; expected blocks.L.hook_resid_pre with L from 0 to ${blocks - 1}.`,
  ),
  PARAPET_MODEL_POSITION_UNKNOWN: entry<Model & { position: string; tokens: number }>(
    ({ model, position, tokens }) =>
      `Model "${model}": the prompt of ${tokens} tokens has no position "${position}". "last-instruction" needs a user message; a number must be an index of the prompt.`,
  ),
  PARAPET_MODEL_CONTEXT_EXCEEDED: entry<
    Model & { promptTokens: number; maxNewTokens: number; contextTokens: number }
  >(
    ({ model, promptTokens, maxNewTokens, contextTokens }) =>
      `Model "${model}": a prompt of ${promptTokens} tokens and an answer of up to ${maxNewTokens} do not fit into its context of ${contextTokens}. Shorten the conversation or lower maxNewTokens.`,
  ),
  PARAPET_MODEL_OUTPUT_UNKNOWN: entry<Model & { output: string; outputs: readonly string[] }>(
    ({ model, output, outputs }) =>
      `Model "${model}" has no output "${output}"; it has ${outputs.map((name) => `"${name}"`).join(', ')}.`,
  ),
  PARAPET_MODEL_OUTPUT_MALFORMED: entry<Model & { output: string; received: string; expected: string }>(
    ({ model, output, received, expected }) =>
      `Model "${model}": the output "${output}" is ${received}; expected ${expected}. The graph does not fit its manifest.`,
  ),
}

export type RuntimeErrorCode = keyof typeof RUNTIME_ERRORS

/** Builds an error of this package out of its code and the details of its message. */
export const fault = errorsOf(RUNTIME_ERRORS)
