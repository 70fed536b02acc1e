export { ApprovalOutbox, type NewNotice } from './approval-outbox.js';
export { ApprovalsModule } from './approvals.module.js';
