import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, signedOut } from "@/client/api";

/** Who is signed in: a user, null when nobody is, undefined while it is not known. */
export function useMe() {
  return useQuery({
    queryKey: ["me"],
    staleTime: Number.POSITIVE_INFINITY,
    retry: (count, error) => error instanceof TypeError || count < 2,
    retryDelay: 2000,
    queryFn: async () => {
      const { data, error, response } = await api.GET("/users/me");
      if (response.status === 401) return null;
      if (!data) throw error;
      return data;
    },
  });
}

export function useSetup() {
  return useQuery({
    queryKey: ["setup"],
    queryFn: async () => {
      const { data, error } = await api.GET("/setup");
      if (!data) throw error;
      return data;
    },
  });
}

export interface Credentials {
  username: string;
  password: string;
  invitation?: string;
}

async function signIn({ username, password }: Credentials): Promise<void> {
  // the header asks for the session as a cookie, which scripts of this page cannot read
  const { error } = await api.POST("/token", { body: { username, password }, headers: { "X-SyncBoard-Page": "1" } });
  if (error) throw error;
}

/** Signs in; with `create` makes the account first. */
export function useSignIn(create: boolean) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (who: Credentials) => {
      if (create) {
        const { error } = await api.POST("/users", { body: { username: who.username, password: who.password, invitation: who.invitation ?? null } });
        if (error) throw error;
      }
      await signIn(who);
    },
    onSuccess: async () => {
      client.clear();
      signedOut.set(false);
      await client.invalidateQueries();
    },
  });
}

export function useSignOut(onGone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const { error } = await api.POST("/token/revoke");
      if (error) throw error;
    },
    onSuccess: () => {
      onGone();
      client.clear();
      signedOut.set(true);
    },
  });
}
