import { createHmac } from 'node:crypto';
import type { ApprovalNotice } from './approval-notice.schema.js';

/** Body and headers of one report. */
export interface WebhookRequest {
  body: string;
  headers: Record<string, string>;
}

/**
 * A report as it is sent, signed as in the Standard Webhooks specification: HMAC-SHA256 over id, time and body, so that a
 * receiver can refuse a body that was changed, and one that is sent again later.
 * @param keys `whsec_…`; each signs, so that a receiver can change from one to the next.
 * @param now epoch milliseconds
 */
export function webhookRequest(notice: ApprovalNotice, keys: readonly string[], now: number): WebhookRequest {
  const { _id: id, tenant_id, user_id, chat_id, message_id, call_id, name, args_summary } = notice;
  const body = JSON.stringify({
    type: 'approval_required',
    id,
    tenant_id,
    ...(user_id !== undefined && { user_id }),
    chat_id,
    message_id,
    call_id,
    name,
    args_summary,
    expires_at: notice.expires_at.toISOString(),
    approve_url: `/api/messages/${message_id}/approvals/${encodeURIComponent(call_id)}`,
  });
  const timestamp = String(Math.floor(now / 1000));
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Reprise',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': keys.map((key) => signature(key, `${id}.${timestamp}.${body}`)).join(' '),
    },
  };
}

function signature(key: string, content: string): string {
  const secret = Buffer.from(key.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', secret).update(content).digest('base64')}`;
}
