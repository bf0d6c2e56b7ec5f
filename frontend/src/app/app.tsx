import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { BrowserRouter, Navigate, Route, Routes } from "react-router";
import { signedOut } from "@/client/api";
import { readProblem } from "@/client/problem";
import { Loading } from "@/components/ui/notice";
import { useMe } from "@/features/accounts/api/session";
import { SignIn } from "@/features/accounts/components/sign-in";
import { useStore } from "@/lib/store";
import { Banner } from "./banner";
import { Boundary } from "./boundary";
import { Shell } from "./shell";

const Board = lazy(() => import("./pages/board"));
const Add = lazy(() => import("./pages/add"));
const Jobs = lazy(() => import("./pages/jobs"));
const Duplicates = lazy(() => import("./pages/duplicates"));
const ConceptPage = lazy(() => import("./pages/concept"));
const Analytics = lazy(() => import("./pages/analytics"));
const SettingsPage = lazy(() => import("./pages/settings"));

const client = new QueryClient({
  defaultOptions: {
    // "always": the browser's idea of being online is often wrong for a server on this very machine
    queries: { networkMode: "always", retry: 1, staleTime: 1000, refetchOnWindowFocus: true },
    // a database that had to break off one of two writes says so; the write is asked for again before anybody is told
    mutations: { networkMode: "always", retry: (count, thrown) => count < 3 && readProblem(thrown).code === "database_away", retryDelay: 700 },
  },
});

export function App() {
  return (
    <Boundary>
      <QueryClientProvider client={client}>
        <BrowserRouter basename="/app">
          <Gate />
        </BrowserRouter>
      </QueryClientProvider>
    </Boundary>
  );
}

/** Shows the board to who is signed in, and the sign-in page to everybody else. */
function Gate() {
  const me = useMe();
  const out = useStore(signedOut);
  useEffect(() => {
    if (me.data) signedOut.set(false);
  }, [me.data]);
  if (out || me.data === null) return <SignIn />;
  if (!me.data) return <><Banner /><Loading rows={4} label="Opening the board" /></>;
  const wait = <Loading rows={6} label="Opening the page" />;
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<Suspense fallback={wait}><Board /></Suspense>} />
        <Route path="add" element={<Suspense fallback={wait}><Add /></Suspense>} />
        <Route path="jobs" element={<Suspense fallback={wait}><Jobs /></Suspense>} />
        <Route path="duplicates" element={<Suspense fallback={wait}><Duplicates /></Suspense>} />
        <Route path="concepts/:id" element={<Suspense fallback={wait}><ConceptPage /></Suspense>} />
        <Route path="analytics" element={<Suspense fallback={wait}><Analytics /></Suspense>} />
        <Route path="settings" element={<Suspense fallback={wait}><SettingsPage me={me.data} /></Suspense>} />
        <Route path="*" element={<Navigate to="/" replace />} />
      </Route>
    </Routes>
  );
}
