/**
 * What Next must leave to Node: packages that start processes or threads by path, load weights from their own folder, or
 * bring native code. Bundled, they would not find their files.
 */
export default {
  serverExternalPackages: [
    'parapet',
    '@parapet/sdk',
    '@parapet/runtime',
    '@parapet/detectors',
    '@parapet/adapters',
    '@parapet/model-sentinel',
    '@parapet/model-encoder',
    'onnxruntime-node',
    'pg',
  ],
}
