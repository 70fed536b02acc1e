import { notifications } from '@mantine/notifications';
import { messageOf } from './error-text.js';

/** Says that an action of the user failed, and why. */
export function notifyError(title: string, error: unknown): void {
  notifications.show({ color: 'red', title, message: messageOf(error), autoClose: 8000 });
}
