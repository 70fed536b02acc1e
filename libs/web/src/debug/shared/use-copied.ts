import { useEffect, useState } from 'react';

const THANKS_MS = 1500;

/** True for a moment after something was copied. */
export function useCopied(): [isCopied: boolean, show: () => void] {
  const [times, setTimes] = useState(0);
  useEffect(() => {
    if (times === 0) return undefined;
    const timer = setTimeout(() => {
      setTimes(0);
    }, THANKS_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [times]);
  return [
    times > 0,
    () => {
      setTimes((before) => before + 1);
    },
  ];
}
