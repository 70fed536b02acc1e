import { notifications } from '@mantine/notifications';
import { messageOf } from './error-text.js';

/** Says that something the user asked for did not happen, and why. */
export function notifyError(title: string, error: unknown): void {
  notifications.show({ color: 'red', title, message: messageOf(error), autoClose: 8000 });
}
