/** The key of a call's provider options under which a local model is told to answer with its direction added. */
export const STEERING_OPTIONS = 'parapetLocal'
