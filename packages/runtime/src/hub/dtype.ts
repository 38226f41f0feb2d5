/**
 * How a repository's ONNX files are named by the precision of their weights, as transformers.js reads them:
 * `onnx/model_q4.onnx`. Inputs and outputs of `fp16` and `q4f16` are often float16, which model hosts do not read.
 */
export const DTYPE_SUFFIXES = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  int8: '_int8',
  uint8: '_uint8',
  q4: '_q4',
  q4f16: '_q4f16',
  bnb4: '_bnb4',
} as const

export type Dtype = keyof typeof DTYPE_SUFFIXES

export const DTYPES = Object.keys(DTYPE_SUFFIXES) as readonly Dtype[]
