-- One request of wrk: 1 MiB.
wrk.method = "POST"
wrk.body = string.rep("dormouse", 131072)
