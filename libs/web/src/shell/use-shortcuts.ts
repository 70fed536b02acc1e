import { useHotkeys } from '@mantine/hooks';
import { useLocation } from 'wouter';

/** Keys that work on every page, also while one writes. */
export function useShortcuts({ onSearch }: { onSearch: () => void }): void {
  const [, navigate] = useLocation();
  useHotkeys(
    [
      ['mod+K', onSearch],
      [
        'mod+shift+O',
        () => {
          navigate('/');
        },
      ],
    ],
    [],
  );
}
