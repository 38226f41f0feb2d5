export {
  type NoticeTarget,
  REVIEW_NOTICE_TYPES,
  type ReviewNotice,
  type ReviewNoticeType,
} from '../notice/review-notice.ts'
export { memoryReplayWindow, type ReplayWindow, type WebhookProgress } from './replay-window.ts'
export { signWebhook, type WebhookHeaders } from './sign-webhook.ts'
export type { SignedContent } from './signature.ts'
export {
  type ReceivedWebhook,
  type VerifiedWebhook,
  type VerifyWebhookOptions,
  verifyWebhook,
} from './verify-webhook.ts'
export { newWebhookSecret } from './webhook-secret.ts'
export { type WebhookTargetOptions, webhookTarget } from './webhook-target.ts'
