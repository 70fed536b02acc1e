import { useHotkeys } from '@mantine/hooks';
import { useLocation } from 'wouter';

/** Shortcuts that work on every page, even while typing. */
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
