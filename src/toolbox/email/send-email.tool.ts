import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { Tool, ToolError, type ToolContext, type ToolResult } from '../../tools/index.js';
import { CALL_TIMEOUT_MS } from '../shared/limits.js';
import { buildEmail, emailParameters, type EmailArguments } from './outgoing-email.js';
import { SmtpDelivery } from './smtp-delivery.js';

/** Sends e-mails, each approved by a person. */
@Injectable()
export class SendEmailTool {
  constructor(
    private readonly settings: Settings,
    private readonly delivery: SmtpDelivery,
    private readonly clock: Clock,
  ) {}

  @Tool({
    name: 'send_email',
    label: 'Send an e-mail',
    description: 'Sends an e-mail, text or HTML, with attachments. A person approves each of them first.',
    parameters: emailParameters,
    idempotent: false,
    approval: true,
    timeout_ms: CALL_TIMEOUT_MS,
  })
  async sendEmail(args: EmailArguments, context: ToolContext): Promise<ToolResult> {
    const to = [...new Set([...args.to, ...args.cc])];
    this.check(to);
    const from = this.settings.EMAIL_FROM ?? '';
    const { message_id, raw } = await buildEmail(args, from, context);
    context.progress(`Sending an e-mail to ${to.join(', ')}`);
    const { accepted, rejected } = await this.delivery.deliver({ from, to }, raw, context.signal);
    return {
      json: {
        status: rejected.length === 0 ? 'sent' : 'partly_sent',
        message_id,
        recipients: accepted,
        ...(rejected.length > 0 && { rejected }),
        timestamp: new Date(this.clock.now()).toISOString(),
      },
      summary:
        rejected.length === 0
          ? `Sent to ${accepted.join(', ')}`
          : `Sent to ${accepted.join(', ')}; not taken for ${rejected.join(', ')}`,
    };
  }

  /** @throws ToolError if somebody is not among those that the operator allows. */
  private check(recipients: readonly string[]): void {
    const allowed = new Set(this.settings.EMAIL_RECIPIENTS.map((one) => one.toLowerCase()));
    if (allowed.has('*')) return;
    const refused = recipients.filter((address) => {
      const lower = address.toLowerCase();
      return !allowed.has(lower) && !allowed.has(lower.slice(lower.lastIndexOf('@')));
    });
    if (refused.length > 0)
      throw new ToolError(
        `This deployment may not send to ${refused.join(', ')}. Nothing was sent.`,
        'recipient_not_allowed',
      );
  }
}
