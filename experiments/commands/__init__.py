"""The commands on a recorded run: predict, mistakes, explain, export, deploy, undeploy. They record nothing."""
